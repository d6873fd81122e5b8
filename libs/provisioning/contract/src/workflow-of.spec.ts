import { describe, expect, it } from '@jest/globals';
import { workflowOf } from './workflow-of.js';

describe('the workflow of an object', () => {
  it.each([
    ['space', 'addressspace/team/app', { SambandNamespace: 'team', SambandSpace: 'app' }],
    ['source', 'source/team/app', { SambandNamespace: 'team', SambandSource: 'app' }],
    ['rollout', 'rollout/team/app', { SambandNamespace: 'team' }],
  ] as const)('of kind %s has the public id %s and is found by its attributes', (kind, id, attributes) => {
    const workflow = workflowOf(kind, { namespace: 'team', name: 'app' });
    expect(workflow).toMatchObject({ workflowId: id, args: [{ namespace: 'team', name: 'app' }] });
    expect(workflow.searchAttributes).toEqual(attributes);
  });
});
