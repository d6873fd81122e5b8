/** A kubeconfig of one cluster and one user, with everything inside. JSON is YAML too. */
export function kubeconfig(server: string, ca: string, token: string): string {
  const certificate = Buffer.from(ca).toString('base64');
  const name = 'samband';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': certificate } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
