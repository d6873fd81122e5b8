import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Requires } from '../access/requires.js';
import { ApiProblems } from '../http/api-problems.js';
import { nameParam, namespaceParam } from '../support/models.js';
import {
  rolloutModel,
  rolloutPageModel,
  rolloutQuery,
  type RolloutDetail,
  type RolloutPage,
} from './rollout.model.js';
import { Rollouts } from './rollouts.service.js';

@ApiTags('rollouts')
@ApiProblems(400, 401, 403, 429, 503)
@Controller('api/v1/namespaces/:namespace/rollouts')
export class RolloutsController {
  constructor(@Inject(Rollouts) private readonly rollouts: Rollouts) {}

  @Get()
  @Requires({ verb: 'list', resource: 'rollouts' })
  @ApiOkResponse({
    standardSchema: rolloutPageModel,
    description: 'Rollouts of the namespace, newest first.',
  })
  list(
    @Param('namespace', { schema: namespaceParam }) namespace: string,
    @Query({ schema: rolloutQuery }) query: z.output<typeof rolloutQuery>,
  ): RolloutPage {
    return this.rollouts.list(namespace, { source: query.source, limit: query.limit, token: query.continue });
  }

  @Get(':name')
  @Requires({ verb: 'get', resource: 'rollouts' })
  @ApiOkResponse({ standardSchema: rolloutModel })
  @ApiProblems(404)
  get(
    @Param('namespace', { schema: namespaceParam }) namespace: string,
    @Param('name', { schema: nameParam }) name: string,
  ): Promise<RolloutDetail> {
    return this.rollouts.get(namespace, name);
  }
}
