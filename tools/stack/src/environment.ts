const passed =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|JAVA_HOME|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|(HTTPS?|NO|ALL)_PROXY|SAMBAND_.*)$/i;

/**
 * What a part sees of the user's environment: the few variables that every process needs, and ours. The rest
 * stays out, above all a KUBECONFIG of another cluster.
 */
export function partEnvironment(
  env: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const base = Object.entries(env).filter(([name]) => passed.test(name));
  return { ...Object.fromEntries(base), ...own };
}
