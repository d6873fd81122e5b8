/** Names of namespaces (RFC 1123 label) and of objects (RFC 1123 subdomain), as the API server checks them. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/u;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u;

export function isNamespaceName(text: string): boolean {
  return label.test(text);
}

export function isObjectName(text: string): boolean {
  return text.length <= 253 && subdomain.test(text);
}
