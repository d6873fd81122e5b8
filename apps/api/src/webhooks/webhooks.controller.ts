import { Readable } from 'node:stream';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../access/requires.js';
import { ApiProblems } from '../http/api-problems.js';
import { WebhookIntake, type WebhookAnswer } from './intake.js';

const acceptedModel = z
  .object({
    source: z.string().describe('Name of the source.'),
    rollout: z.string().optional().describe('Rollout of the pushed commit, when there is one already.'),
  })
  .meta({ id: 'WebhookAccepted' });

const acceptedByAllModel = z
  .object({ sources: z.array(acceptedModel).describe('The sources that it was for.') })
  .meta({ id: 'WebhookAcceptedByAll' });

const signedBody = {
  description: 'What the git provider sends; signed as docs/spec/webhooks.md says.',
  schema: { type: 'object' },
} as const;

@ApiTags('webhooks')
@ApiProblems(400, 401, 413, 415, 429, 503)
@Controller('webhooks')
export class WebhooksController {
  constructor(@Inject(WebhookIntake) private readonly intake: WebhookIntake) {}

  /** The signature is the login. */
  @Post(':namespace/:source')
  @HttpCode(202)
  @Public()
  @ApiParam({ name: 'namespace', description: 'Namespace of the source.' })
  @ApiParam({ name: 'source', description: 'Name of the GitSource.' })
  @ApiBody(signedBody)
  @ApiResponse({
    status: 202,
    standardSchema: acceptedModel,
    description: 'Taken; pings and repetitions too.',
  })
  async receive(@Req() request: FastifyRequest): Promise<WebhookAnswer | undefined> {
    const [answer] = await this.#receive(request);
    return answer;
  }

  /** One hook of a repository, or of an organisation, for all sources of a namespace that have its secret. */
  @Post(':namespace')
  @HttpCode(202)
  @Public()
  @ApiParam({ name: 'namespace', description: 'Namespace of the sources.' })
  @ApiBody(signedBody)
  @ApiResponse({
    status: 202,
    standardSchema: acceptedByAllModel,
    description: 'Taken, for each source whose provider and secret it is signed for.',
  })
  async receiveForAll(@Req() request: FastifyRequest): Promise<{ sources: WebhookAnswer[] }> {
    return { sources: await this.#receive(request) };
  }

  #receive(request: FastifyRequest): Promise<WebhookAnswer[]> {
    const { namespace = '', source } = request.params as { namespace?: string; source?: string };
    return this.intake.receive({
      namespace,
      ...(source === undefined ? {} : { name: source }),
      headers: request.headers,
      body: request.body instanceof Readable ? request.body : undefined,
      remote: request.ip,
    });
  }
}
