import type { KeyPair } from '@samband/certificates';

/** How someone proves to the API server who they are. */
export type Credential = KeyPair | { readonly token: string };

/** A kubeconfig of one cluster and one user, with everything inside. JSON is YAML too. */
export function kubeconfig(server: string, ca: string, credential: Credential): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const user =
    'token' in credential
      ? credential
      : {
          'client-certificate-data': base64(credential.certificate),
          'client-key-data': base64(credential.key),
        };
  const name = 'samband';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
