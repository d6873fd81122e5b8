import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The OpenAPI document as text, made once when the routes are known. */
export class OpenApiText {
  text = '{}';
}

export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Samband')
    .setDescription(
      'Messaging as a service from git: sources, their rollouts, and the webhooks that wake them.',
    )
    .setVersion('v1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'A token that the Kubernetes API server accepts.',
    })
    .build();
  return SwaggerModule.createDocument(app, config);
}
