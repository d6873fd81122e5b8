import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Metrics, Readiness } from '@samband/observability';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/requires.js';
import { tokens } from '../tokens.js';

@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    @Inject(tokens.readiness) private readonly readiness: () => Promise<Readiness>,
    @Inject(tokens.metrics) private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  @Public()
  alive(): { status: string } {
    return { status: 'alive' };
  }

  @Get('readyz')
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const report = await this.readiness();
    reply.code(report.ready ? 200 : 503);
    return report;
  }

  @Get('metrics')
  @Public()
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { contentType, body } = await this.metrics.render();
    reply.type(contentType);
    return body;
  }
}
