import { brokerFileNames } from '../layout.js';

export interface CertificateAndKey {
  /** PEM, leaf first, then intermediates. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly key: string;
}

/** The PEM files of a broker: what tenants see, what management sees, and which clients management trusts. */
export function renderTlsFiles(input: {
  readonly tenants: CertificateAndKey;
  /** Must carry `adminServerName(id)` as DNS name. */
  readonly admin: CertificateAndKey;
  /** PEM of the authority that issues the client certificate `CN=samband-admin`, and nobody else's. */
  readonly adminCa: string;
}): Record<string, string> {
  return {
    [brokerFileNames.tls]: pem(input.tenants),
    [brokerFileNames.adminTls]: pem(input.admin),
    [brokerFileNames.adminCa]: ended(input.adminCa),
  };
}

function pem({ certificate, key }: CertificateAndKey): string {
  return `${ended(key)}${ended(certificate)}`;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
