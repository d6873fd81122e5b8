import { describe, expect, it } from '@jest/globals';
import { alike, differences } from './end-state.js';

const state = (team: string, port: number, uid: string): unknown => ({
  'AddressSpace/app': {
    metadata: { namespace: team, uid },
    status: {
      servicePorts: [{ name: 'amqps', port }],
      message: `of ${team}, since 2026-01-02T03:04:05.${port}Z`,
      users: { ready: 1, admitted: uid.slice(0, 16) },
      brokerStatuses: [{ clusterId: `broker-${uid.slice(0, 7)}` }],
    },
  },
  'Secret/s': { data: { secret: uid } },
});
const one = state('team-1', 201, '0f7c01b2-aaaa-bbbb-cccc-0123456789ab');
const two = state('team-22', 333, '1f7c01b2-aaaa-bbbb-cccc-0123456789ab');

describe('two end states', () => {
  it('are alike whatever the names, ports, ids and times', () => {
    expect(differences(alike(one, 'team-1'), alike(two, 'team-22'))).toEqual([]);
  });

  it('differ by their path when something is different, missing or too much', () => {
    expect(differences({ a: { b: 1, c: 2 } }, { a: { b: 3 }, d: 4 })).toEqual([
      '/a/b is 3, undisturbed 1',
      '/a/c is missing, undisturbed 2',
      '/d is 4, undisturbed missing',
    ]);
  });
});
