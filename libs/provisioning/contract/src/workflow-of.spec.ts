import { describe, expect, it } from '@jest/globals';
import { workflowOf } from './workflow-of.js';

describe('the workflow of an object', () => {
  it.each([
    ['space', 'app', 'addressspace/team/app', { SambandNamespace: 'team', SambandSpace: 'app' }],
    ['source', 'app', 'source/team/app', { SambandNamespace: 'team', SambandSource: 'app' }],
    [
      'rollout',
      'my-app-1da8cc1fb654-12',
      'rollout/team/my-app-1da8cc1fb654-12',
      { SambandNamespace: 'team', SambandSource: 'my-app' },
    ],
  ] as const)(
    'of kind %s and name %s has the public id %s and its attributes',
    (kind, name, id, attributes) => {
      const workflow = workflowOf(kind, { namespace: 'team', name });
      expect(workflow).toMatchObject({ workflowId: id, args: [{ namespace: 'team', name }] });
      expect(workflow.searchAttributes).toEqual(attributes);
    },
  );
});
