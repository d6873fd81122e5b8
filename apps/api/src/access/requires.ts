import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Identity } from './tokens.js';

/** What a caller must be allowed to do at the Kubernetes API, in the namespace and with the name of the route. */
export interface Requirement {
  readonly verb: 'get' | 'list' | 'update';
  readonly resource: 'gitsources' | 'rollouts';
}

export type RouteAccess = { readonly kind: 'public' } | ({ readonly kind: 'requires' } & Requirement);

export const accessKey = 'samband:access';

/** The route is for callers whom RBAC allows `verb` on `resource` of `samband.dev`. */
export const Requires = (requirement: Requirement): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(accessKey, { kind: 'requires', ...requirement } satisfies RouteAccess),
    ApiBearerAuth(),
  );

/** The route asks for no token. */
export const Public = (): MethodDecorator & ClassDecorator =>
  SetMetadata(accessKey, { kind: 'public' } satisfies RouteAccess);

const identities = new WeakMap<FastifyRequest, Identity>();

export function rememberCaller(request: FastifyRequest, identity: Identity): void {
  identities.set(request, identity);
}

/** Name of the caller, for the log of who did what. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  return identities.get(context.switchToHttp().getRequest<FastifyRequest>())?.username ?? '';
});
