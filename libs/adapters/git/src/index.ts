export { createGitRepository } from './git-repository.js';
export { defaultGitLimits, type GitLimits, type GitOptions } from './options.js';
export { vetUrl, type UrlRules, type VettedUrl } from './remote-url.js';
