/** Files in which nearly everything is wrong, in a space `shop` that has the address `orders` and the user `app`. */
export const mistakes: Readonly<Record<string, string>> = {
  'bad/broken.yaml': 'apiVersion: enmasse.io/v1beta1\nkind: [Address\n',
  'bad/twice.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  name: b\n',
  'bad/many.yaml': `apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.unknown-plan
spec:
  address: unknown-plan
  type: queue
  plan: no-such-plan
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.misspelt
spec:
  address: misspelt
  type: queue
  plan: tiny-queue
  mesageTtl: {}
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: nowhere.queue
spec:
  address: queue
  type: queue
  plan: tiny-queue
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.twin
spec:
  address: orders
  type: queue
  plan: tiny-queue
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.unfit
spec:
  address: unfit
  type: topic
  plan: tiny-queue
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata:
  name: shop.dead
spec:
  address: dead
  type: queue
  plan: tiny-queue
  deadletter: nowhere
`,
  'bad/others.yaml': `apiVersion: enmasse.io/v1beta1
kind: AddressSpace
metadata:
  name: grand
spec:
  type: standard
  plan: standard-small
---
apiVersion: user.enmasse.io/v1beta1
kind: MessagingUser
metadata:
  name: shop.app2
spec:
  username: app
  authentication:
    type: password
---
apiVersion: user.enmasse.io/v1beta1
kind: MessagingUser
metadata:
  name: shop.shouting
spec:
  username: SHOUTING
  authentication:
    type: password
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: messaging
spec: {}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: Not_A_Name
`,
};

/** Each by file, line and code, with those that they make of good files beside them. */
export const allMistakes: readonly string[] = [
  'addresses/orders.yaml:8 ADDRESS_DUPLICATE',
  'addresses/orders.yaml:9 IMMUTABLE_FIELD',
  'bad/broken.yaml:3 SYNTAX',
  'bad/many.yaml:8 PLAN_NOT_FOUND',
  'bad/many.yaml:18 UNKNOWN_FIELD',
  'bad/many.yaml:23 SPACE_NOT_FOUND',
  'bad/many.yaml:34 ADDRESS_DUPLICATE',
  'bad/many.yaml:45 PLAN_UNFIT',
  'bad/many.yaml:55 ADDRESS_NOT_FOUND',
  'bad/others.yaml:6 SPACE_TYPE_NOT_OFFERED',
  'bad/others.yaml:14 USERNAME_DUPLICATE',
  'bad/others.yaml:23 FIELD_INVALID',
  'bad/others.yaml:27 KIND_NOT_SERVED',
  'bad/others.yaml:36 REFUSED_BY_SERVER',
  'bad/twice.yaml:5 DUPLICATE_KEY',
  'users/app.yaml:8 USERNAME_DUPLICATE',
];
