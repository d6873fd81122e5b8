import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { SambandError } from '@samband/errors';
import type { FastifyRequest } from 'fastify';
import { InvalidRequest } from '../http/invalid-request.js';
import type { Kubernetes } from '../ports.js';
import { isNamespaceName, isObjectName } from '../support/names.js';
import { accessKey, rememberCaller, type Requirement, type RouteAccess } from './requires.js';
import type { Tokens } from './tokens.js';

/**
 * Asks the Kubernetes API who the caller is and whether RBAC lets them, before anything is looked up: the answer is
 * the same whether the object exists or not. A route that declares nothing is closed.
 */
export class AccessGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #kubernetes: Kubernetes;
  readonly #tokens: Tokens;

  constructor(reflector: Reflector, kubernetes: Kubernetes, tokens: Tokens) {
    this.#reflector = reflector;
    this.#kubernetes = kubernetes;
    this.#tokens = tokens;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.#reflector.getAllAndOverride<RouteAccess | undefined>(accessKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access?.kind === 'public') return true;
    if (access === undefined) throw new SambandError('INTERNAL', 'The route declares no access.');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const identity = await this.#tokens.identify(request.headers.authorization);
    const place = placeOf(request.params);
    const isAllowed = await this.#kubernetes.reviewAccess({
      user: identity.username,
      groups: identity.groups,
      group: 'samband.dev',
      verb: access.verb,
      resource: access.resource,
      ...place,
    });
    if (!isAllowed) throw forbidden(identity.username, access, place.namespace);
    rememberCaller(request, identity);
    return true;
  }
}

function placeOf(params: unknown): { namespace: string; name?: string } {
  const { namespace, name } = params as { namespace?: string; name?: string };
  const errors = [
    ...(namespace !== undefined && isNamespaceName(namespace)
      ? []
      : [{ path: 'namespace', message: 'is not the name of a namespace' }]),
    ...(name === undefined || isObjectName(name)
      ? []
      : [{ path: 'name', message: 'is not the name of an object' }]),
  ];
  if (namespace === undefined || errors.length > 0)
    throw new InvalidRequest('The address is not valid.', errors);
  return { namespace, ...(name === undefined ? {} : { name }) };
}

function forbidden(user: string, { verb, resource }: Requirement, namespace: string): SambandError {
  return new SambandError(
    'FORBIDDEN',
    `${user} may not ${verb} ${resource}.samband.dev in namespace ${namespace}.`,
  );
}
