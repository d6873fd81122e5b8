import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import { describeApi, OpenApiText } from './health/openapi.js';
import { nestLogger } from './http/nest-logger.js';
import { createHttpAdapter } from './http/server.js';
import type { ApiDependencies } from './ports.js';

/** The api over whatever world it is given; it does not listen yet. */
export async function createApp(dependencies: ApiDependencies): Promise<NestFastifyApplication> {
  const { logger, metrics } = dependencies;
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.with(dependencies),
    createHttpAdapter(logger, metrics),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class in name only
    { bodyParser: false, logger: nestLogger(logger), abortOnError: false },
  );
  app.get(OpenApiText).text = JSON.stringify(describeApi(app));
  return app;
}
