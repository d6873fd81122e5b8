import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Caller, Requires } from '../access/requires.js';
import { ApiProblems } from '../http/api-problems.js';
import { nameParam, namespaceParam, pageQuery } from '../support/models.js';
import {
  sourceModel,
  sourcePageModel,
  syncModel,
  type Source,
  type SourcePage,
  type SyncRequested,
} from './source.model.js';
import { Sources } from './sources.service.js';

@ApiTags('sources')
@ApiProblems(400, 401, 403, 429, 503)
@Controller('api/v1/namespaces/:namespace/sources')
export class SourcesController {
  constructor(@Inject(Sources) private readonly sources: Sources) {}

  @Get()
  @Requires({ verb: 'list', resource: 'gitsources' })
  @ApiOkResponse({ standardSchema: sourcePageModel, description: 'Sources of the namespace, by name.' })
  list(
    @Param('namespace', { schema: namespaceParam }) namespace: string,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): SourcePage {
    return this.sources.list(namespace, { limit: query.limit, token: query.continue });
  }

  @Get(':name')
  @Requires({ verb: 'get', resource: 'gitsources' })
  @ApiOkResponse({ standardSchema: sourceModel })
  @ApiProblems(404)
  get(
    @Param('namespace', { schema: namespaceParam }) namespace: string,
    @Param('name', { schema: nameParam }) name: string,
  ): Source {
    return this.sources.get(namespace, name);
  }

  @Post(':name/sync')
  @HttpCode(202)
  @Requires({ verb: 'update', resource: 'gitsources' })
  @ApiResponse({
    status: 202,
    standardSchema: syncModel,
    description: 'The source will look at its repository.',
  })
  @ApiProblems(404)
  sync(
    @Param('namespace', { schema: namespaceParam }) namespace: string,
    @Param('name', { schema: nameParam }) name: string,
    @Caller() caller: string,
  ): Promise<SyncRequested> {
    return this.sources.sync(namespace, name, caller);
  }
}
