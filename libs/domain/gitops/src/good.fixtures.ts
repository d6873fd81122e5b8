import type { KubeObject } from '@samband/resources';
import { catalogYaml, documentsOf } from './example.fixtures.js';

/** Good manifests of every kind, with as many of their fields as one object can have. */
export const goodObjects: readonly KubeObject[] = [
  ...documentsOf(catalogYaml).map(({ object }) => object),
  ...documentsOf(`
apiVersion: enmasse.io/v1beta1
kind: AddressSpace
metadata: {name: app, labels: {a: b}, annotations: {samband.dev/park-for: 1h}}
spec:
  type: brokered
  plan: small
  authenticationService: {name: standard-authservice, overrides: {host: h, port: 5671, realm: r}}
  endpoints:
  - name: messaging
    service: messaging
    cert: {provider: certBundle, tlsKey: YQ==, tlsCert: YQ==}
    expose: {type: route, routeServicePort: amqps, routeTlsTermination: passthrough}
    exports: [{kind: ConfigMap, name: config}]
  - name: other
    service: messaging
    cert: {provider: selfsigned}
    expose: {type: loadbalancer, loadBalancerPorts: [amqps]}
  connectors:
  - name: c
    endpointHosts: [{host: h, port: 5671}]
    tls: {clientCert: {value: a}, clientKey: {value: a}}
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata: {name: app.orders}
spec:
  address: orders
  type: queue
  plan: queue
  deadletter: dead
  expiry: dead
  messageTtl: {minimum: 1, maximum: 5}
  messageRedelivery: {maximumDeliveryAttempts: 3, redeliveryDelay: 5, redeliveryDelayMultiplier: 1.5, maximumDeliveryDelay: 9}
  forwarders: [{name: f, remoteAddress: c/x, direction: out, priority: 1}]
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata: {name: app.dead}
spec: {address: dead, type: deadletter, plan: dead}
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata: {name: app.news}
spec: {address: news, type: topic, plan: topic}
---
apiVersion: enmasse.io/v1beta1
kind: Address
metadata: {name: app.mine}
spec: {address: mine, type: subscription, plan: topic, topic: news, subscription: {maxConsumers: 2}}
---
apiVersion: user.enmasse.io/v1beta1
kind: MessagingUser
metadata: {name: app.shop}
spec:
  username: shop
  authentication: {type: password, password: YQ==}
  authorization: [{operations: [send, recv], addresses: [orders, 'top*', '#', a/+/b]}]
---
apiVersion: user.enmasse.io/v1beta1
kind: MessagingUser
metadata: {name: app.robot}
spec:
  username: system:serviceaccount:team1:robot
  authentication: {type: serviceaccount}
  authorization: [{operations: [view, manage], addresses: ['*']}]
---
apiVersion: samband.dev/v1alpha1
kind: GitSource
metadata: {name: src}
spec:
  url: https://git.example/a.git
  ref: {branch: main}
  path: deploy
  provider: github
  webhook: {secretRef: {name: hook}}
  interval: 5m
  serviceAccountName: deployer
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {a: b}
data: {c: ZA==}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: [''], resources: [configmaps], verbs: [get]}]
---
apiVersion: v1
kind: List
metadata: {}
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: l, namespace: team2}, data: {k: v}}
`),
].map((one) => ('object' in one ? (one.object as KubeObject) : one));
