/** Manifests that later commits of the story write; the first ones are in `examples/`. */

export function queue(address: string, plan: string): string {
  return `apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.${address}
spec:
  address: ${address}
  type: queue
  plan: ${plan}
`;
}

/** Wants the connection data in a Secret too, but forgets the Role that would permit it. */
export const failingEndpoints = `apiVersion: enmasse.io/v1beta1
kind: AddressSpace
metadata:
  name: shop
spec:
  type: brokered
  plan: demo-small
  endpoints:
    - name: messaging
      service: messaging
      cert:
        provider: selfsigned
      exports:
        - name: messaging-config
          kind: ConfigMap
        - name: messaging-secret
          kind: Secret
`;
