import type { GitProvider } from '@samband/resources';
import type { WebhookProvider } from '../provider.js';
import { generic } from './generic.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';

/** A new provider is a file, a line here, and a name in `gitProviders` of `@samband/resources`. */
export const providers: Readonly<Record<GitProvider, WebhookProvider>> = { github, gitlab, generic };
