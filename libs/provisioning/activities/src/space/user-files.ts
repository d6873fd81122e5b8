import type { PasswordVerifier, UserCredential } from '@samband/topology';
import type { Ports } from '../ports.js';
import type { SpaceInfra } from './infra-secret.js';

/** Also before the broker's first start, when nobody has a login yet but the probe. */
export async function writeUserFiles(
  { brokers, runtime }: Ports,
  id: string,
  infra: SpaceInfra,
  credentials: readonly UserCredential[],
): Promise<{ written: string[]; logins: ReadonlyMap<string, string> }> {
  const probe = await brokers.makeVerifier(infra.saltSecret, brokers.probeUser, infra.probePassword);
  const files = brokers.renderUserFiles({ credentials, probe });
  return { written: await runtime.files(id).write(files), logins: brokers.loginsIn(files) };
}

/** What the broker goes by when somebody logs in. */
export interface LoginsInForce {
  /** Of service accounts and users with passwords alike. */
  readonly logins: ReadonlyMap<string, string>;
  readonly verifiers: ReadonlyMap<string, PasswordVerifier>;
}

export async function readUserFiles({ brokers, runtime }: Ports, id: string): Promise<LoginsInForce> {
  const files: Record<string, string> = {};
  for (const name of new Set([...brokers.loginFiles, ...brokers.verifierFiles])) {
    const text = await runtime.files(id).read(name);
    if (text !== undefined) files[name] = text;
  }
  return { logins: brokers.loginsIn(files), verifiers: brokers.verifiersIn(files) };
}
