import type { Server } from 'node:http';
import {
  Inject,
  StandardSchemaValidationPipe,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, HttpAdapterHost, Reflector } from '@nestjs/core';
import { createReadiness } from '@samband/observability';
import { AccessGuard } from './access/access-guard.js';
import { Tokens } from './access/tokens.js';
import { HealthController } from './health/health.controller.js';
import { OpenApiController } from './health/openapi.controller.js';
import { OpenApiText } from './health/openapi.js';
import { InvalidRequest } from './http/invalid-request.js';
import { ProblemFilter } from './http/problem-filter.js';
import { closeAllConnections } from './http/server.js';
import { Inbox } from './inbox/inbox.js';
import { StartLooks } from './inbox/start-looks.js';
import type { ApiDependencies } from './ports.js';
import { RolloutsController } from './rollouts/rollouts.controller.js';
import { Rollouts } from './rollouts/rollouts.service.js';
import { SourcesController } from './sources/sources.controller.js';
import { Sources } from './sources/sources.service.js';
import { tokens } from './tokens.js';
import { WebhookIntake } from './webhooks/intake.js';
import { Refusals } from './webhooks/refusals.js';
import { WebhookSecrets } from './webhooks/webhook-secrets.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** Milliseconds that requests may go on after the signal to stop. */
const graceful = 3000;

/** The one module: binds the ports; there is nothing to decide here. */
export class ApiModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(Inbox) private readonly inbox: Inbox,
    @Inject(Refusals) private readonly refusals: Refusals,
    @Inject(StartLooks) private readonly startLooks: StartLooks,
    @Inject(HttpAdapterHost) private readonly http: HttpAdapterHost,
    @Inject(tokens.close) private readonly closeConnections: () => Promise<void>,
  ) {}

  static with(dependencies: ApiDependencies): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        WebhooksController,
        SourcesController,
        RolloutsController,
        HealthController,
        OpenApiController,
      ],
      providers: [...services(dependencies), ...pipeline(dependencies)],
    };
  }

  onApplicationBootstrap(): void {
    this.inbox.open();
  }

  beforeApplicationShutdown(): void {
    closeAllConnections(this.http.httpAdapter.getHttpServer() as Server, graceful);
  }

  async onApplicationShutdown(): Promise<void> {
    this.startLooks.stop();
    await this.refusals.close();
    await this.inbox.close();
    await this.closeConnections();
  }
}

function services(dependencies: ApiDependencies): Provider[] {
  const { kubernetes, resources, clock, logger, metrics } = dependencies;
  const inbox = new Inbox(dependencies);
  const secrets = new WebhookSecrets(kubernetes, clock);
  const refusals = new Refusals({ kubernetes, resources, clock, logger });
  const intake = new WebhookIntake({
    resources,
    secrets,
    inbox,
    refusals,
    clock,
    logger,
    metrics,
    ...dependencies.webhooks,
  });
  return [
    { provide: Inbox, useValue: inbox },
    { provide: WebhookIntake, useValue: intake },
    { provide: Refusals, useValue: refusals },
    { provide: StartLooks, useValue: new StartLooks({ resources, inbox, clock }) },
    { provide: Sources, useValue: new Sources({ resources, kubernetes, inbox, clock, logger }) },
    { provide: Rollouts, useValue: new Rollouts(resources, kubernetes) },
    { provide: OpenApiText, useValue: new OpenApiText() },
    { provide: tokens.close, useValue: dependencies.close },
    { provide: tokens.metrics, useValue: metrics },
    { provide: tokens.readiness, useValue: createReadiness(dependencies.checks) },
  ];
}

/** What every request goes through. */
function pipeline({ kubernetes, clock, logger }: ApiDependencies): Provider[] {
  const callers = new Tokens(kubernetes, clock);
  return [
    {
      provide: APP_GUARD,
      inject: [Reflector],
      useFactory: (reflector: Reflector) => new AccessGuard(reflector, kubernetes, callers),
    },
    {
      provide: APP_PIPE,
      useValue: new StandardSchemaValidationPipe({
        exceptionFactory: (issues) => InvalidRequest.of('The request is not valid.', issues),
      }),
    },
    { provide: APP_FILTER, useValue: new ProblemFilter(logger) },
  ];
}
