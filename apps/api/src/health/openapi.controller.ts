import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/requires.js';
import { OpenApiText } from './openapi.js';

@ApiExcludeController()
@Controller('api')
export class OpenApiController {
  constructor(@Inject(OpenApiText) private readonly document: OpenApiText) {}

  @Get('openapi.json')
  @Public()
  get(@Res({ passthrough: true }) reply: FastifyReply): string {
    reply.type('application/json');
    return this.document.text;
  }
}
