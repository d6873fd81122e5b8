/** An Address as later commits of the story write it; the first ones are in `examples/`. */
export function address(name: string, type: 'queue' | 'topic', plan: string): string {
  return `apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.${name}
spec:
  address: ${name}
  type: ${type}
  plan: ${plan}
`;
}
