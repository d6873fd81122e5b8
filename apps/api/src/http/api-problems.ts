import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { problemModel } from '../support/models.js';

/** Documents which problems a route answers with. */
export const ApiProblems = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({
        status,
        standardSchema: problemModel,
        description: 'Problem (application/problem+json).',
      }),
    ),
  );
