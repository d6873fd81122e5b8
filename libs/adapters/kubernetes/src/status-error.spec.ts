import { describe, expect, it } from '@jest/globals';
import type { SambandError } from '@samband/errors';
import { toKubernetesError } from './status-error.js';

interface Cause {
  reason?: string;
  field?: string;
  message: string;
}

function errorOf(status: number, body: object | string, kind = 'Widget'): SambandError {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return toKubernetesError({ status, headers: {}, body: text }, { text: `${kind} team/x`, kind });
}

function invalid(kind: string, ...causes: Cause[]): SambandError {
  const message = `${kind} "x" is invalid: ${causes.map((cause) => cause.message).join(', ')}`;
  return errorOf(422, { kind: 'Status', reason: 'Invalid', message, details: { causes } }, kind);
}

describe('errors of the API server', () => {
  it.each<[string, number, object | string, string]>([
    ['a missing object', 404, { reason: 'NotFound', message: 'widgets "x" not found' }, 'NOT_FOUND'],
    ['a missing path', 404, '404 page not found', 'KUBERNETES_UNKNOWN_KIND'],
    [
      'a kind without that resource',
      404,
      { reason: 'NotFound', message: 'the server could not find the requested resource' },
      'KUBERNETES_UNKNOWN_KIND',
    ],
    ['an object that exists', 409, { reason: 'AlreadyExists', message: 'exists' }, 'CONFLICT'],
    [
      'a stale version',
      409,
      { reason: 'Conflict', message: 'the object has been modified' },
      'KUBERNETES_CONFLICT',
    ],
    ['missing rights', 403, { reason: 'Forbidden', message: 'cannot patch' }, 'KUBERNETES_FORBIDDEN'],
    [
      'a namespace that goes away',
      403,
      {
        reason: 'Forbidden',
        message: 'is being terminated',
        details: { causes: [{ reason: 'NamespaceTerminating', message: 'm' }] },
      },
      'KUBERNETES_CONFLICT',
    ],
    [
      'credentials that are not accepted',
      401,
      { reason: 'Unauthorized', message: 'Unauthorized' },
      'KUBERNETES_UNAVAILABLE',
    ],
    [
      'an unknown field under server-side apply',
      500,
      { message: 'failed to create typed patch object (x): .spec: field not declared in schema' },
      'KUBERNETES_INVALID',
    ],
    ['an etcd that is away', 500, { message: 'etcdserver: request timed out' }, 'KUBERNETES_UNAVAILABLE'],
    ['too many requests', 429, 'Too many requests', 'KUBERNETES_UNAVAILABLE'],
    ['too large an object', 413, { message: 'too large' }, 'PAYLOAD_TOO_LARGE'],
    ['no JSON at all', 502, '<html>', 'KUBERNETES_UNAVAILABLE'],
  ])('%s', (_what, status, body, code) => {
    expect(errorOf(status, body).code).toBe(code);
  });

  it('names every field', () => {
    const { message } = invalid(
      'Widget',
      { field: 'spec.size', message: 'Invalid value: 1000: must be at most 100' },
      { field: 'spec.color', message: 'Required value' },
    );
    expect(message).toBe(
      'Widget team/x: spec.size: Invalid value: 1000: must be at most 100; spec.color: Required value',
    );
  });

  it('says who holds which fields', () => {
    const causes = [
      { reason: 'FieldManagerConflict', field: '.spec.a', message: 'conflict with "source-a" using v1' },
      { reason: 'FieldManagerConflict', field: '.spec.b', message: 'conflict with "kubectl"' },
      { reason: 'FieldManagerConflict', field: '.spec.c', message: 'conflict with "kubectl"' },
    ];
    const { facts } = errorOf(409, { reason: 'Conflict', message: 'Apply failed', details: { causes } });
    expect(facts).toMatchObject({ managers: 'source-a, kubectl', fields: '.spec.a, .spec.b, .spec.c' });
  });

  it('is bounded, whatever the server sends', () => {
    const causes = Array.from({ length: 5000 }, () => ({
      field: 'f'.repeat(1000),
      message: 'm'.repeat(1000),
    }));
    expect(invalid('Widget', ...causes).message.length).toBeLessThan(2100);
    expect(errorOf(400, 'x'.repeat(1_000_000)).message.length).toBeLessThan(300);
    expect(errorOf(400, JSON.stringify({ details: { causes: 'none' }, message: 7 })).message).toContain(
      '400',
    );
  });
});

describe('errors about what holds secrets', () => {
  const value = 'hunter2 "quoted": hunter2';
  const quoted = JSON.stringify(value);

  it.each<[string, Cause]>([
    [
      'a quoted value',
      { field: 'spec.authentication.password', message: `Invalid value: ${quoted}: is not base64` },
    ],
    [
      'a bare value',
      { field: 'spec.authentication', message: 'Invalid value: {"password":"hunter2"}: must be one of' },
    ],
    [
      'a rule that repeats the value',
      { field: 'spec', message: 'Invalid value: "hunter2": hunter2 does not match' },
    ],
    ['a value cut short', { field: 'spec', message: 'Invalid value: "hunter2' }],
    ['a message of its own', { message: 'hunter2 was refused' }],
  ])('leave out %s', (_what, cause) => {
    for (const kind of ['MessagingUser', 'Secret']) {
      const error = invalid(kind, { reason: 'FieldValueInvalid', ...cause });
      expect(error.message + JSON.stringify(error.facts)).not.toContain('hunter2');
      if (cause.field !== undefined) expect(error.message).toContain(cause.field);
    }
  });

  it('keep what is wrong with a user', () => {
    const cause = {
      field: 'spec.authentication.password',
      message: `Invalid value: ${quoted}: is not base64`,
    };
    expect(invalid('MessagingUser', cause).message).toContain('spec.authentication.password: is not base64');
  });

  it('keep who may not do what', () => {
    const message =
      'secrets "x" is forbidden: User "system:serviceaccount:team:deployer" cannot patch resource "secrets"';
    expect(errorOf(403, { reason: 'Forbidden', message }, 'Secret').message).toContain('deployer');
  });
});
