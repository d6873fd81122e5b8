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
  @ApiBody({
    description: 'What the git provider sends; signed as docs/spec/webhooks.md says.',
    schema: { type: 'object' },
  })
  @ApiResponse({
    status: 202,
    standardSchema: acceptedModel,
    description: 'Taken; pings and repetitions too.',
  })
  receive(@Req() request: FastifyRequest): Promise<WebhookAnswer> {
    const { namespace = '', source = '' } = request.params as { namespace?: string; source?: string };
    return this.intake.receive({
      namespace,
      name: source,
      headers: request.headers,
      body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      remote: request.ip,
    });
  }
}
