/** A certificate, followed by the chain above it if it has one, and its private key (PKCS #8). PEM texts. */
export interface KeyPair {
  readonly certificate: string;
  /** Secret: never logged, never part of an error. */
  readonly key: string;
}
