import type { KubeObject } from '@samband/resources';

/** A small custom kind with a status, a rule and a password, so that specs need no kind of the product. */
export const widgetCrd: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.samband.dev' },
  spec: {
    group: 'test.samband.dev',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { size: { type: 'integer', maximum: 100 }, color: { type: 'string' } },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

export const widgetKind = { apiVersion: 'test.samband.dev/v1', kind: 'Widget' };

export function aWidget(name: string, spec: object = { size: 1 }): KubeObject {
  return { ...widgetKind, metadata: { namespace: 'default', name }, spec };
}
