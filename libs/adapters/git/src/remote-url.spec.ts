import { describe, expect, it } from '@jest/globals';
import { errorCode } from '@samband/errors';
import { vetUrl, type UrlRules } from './remote-url.js';

const rules: UrlRules = {
  allowFile: false,
  allowedHosts: ['github.com', 'git.example.com:8443', 'git.example.com:2222'],
};
const local: UrlRules = { ...rules, allowFile: true };

const refusal = (url: string, by: UrlRules = rules): string => {
  try {
    vetUrl(url, by);
  } catch (error) {
    expect(errorCode(error)).toBe('GIT_URL_REFUSED');
    return (error as Error).message;
  }
  throw new Error(`${url} was let through`);
};

describe('a URL that is let through', () => {
  it.each([
    ['https://github.com/team/app.git', 'https', 'https://github.com/'],
    ['https://GitHub.com/team/app', 'https', 'https://github.com/'],
    ['https://github.com:443/team/app', 'https', 'https://github.com/'],
    ['https://git.example.com:8443/team/app', 'https', 'https://git.example.com:8443/'],
    ['ssh://git@github.com/team/app.git', 'ssh', 'ssh://github.com/'],
    ['ssh://git@git.example.com:2222/app', 'ssh', 'ssh://git.example.com:2222/'],
    ['git@github.com:team/app.git', 'ssh', 'ssh://github.com/'],
    ['https://github.com/team/a%20b', 'https', 'https://github.com/'],
  ])('%s', (url, protocol, origin) => {
    expect(vetUrl(url, rules)).toEqual({ protocol, url, origin, shown: url });
  });

  it('may be a file on a local stack', () => {
    expect(vetUrl('file:///srv/my repositories/app'.replace(' ', '%20'), local)).toMatchObject({
      protocol: 'file',
    });
  });
});

describe('a URL that is refused', () => {
  it.each<[string, string, UrlRules?]>([
    ['a host that is not listed', 'https://evil.example/a'],
    ['a listed host on another port', 'https://github.com:8080/a'],
    ['a listed port with another protocol’s default', 'ssh://git@git.example.com/a'],
    ['a host that only begins like a listed one', 'https://github.com.evil.example/a'],
    ['a host hidden behind user info', 'https://github.com@evil.example/a'],
    ['http', 'http://github.com/a'],
    ['git', 'git://github.com/a'],
    ['a remote helper', 'ext::sh -c id'],
    ['a remote helper without a space', 'ext::id'],
    ['a helper in front of a URL', 'fd::https://github.com/a'],
    ['an option', '--upload-pack=id'],
    ['an option as scp host', '-oProxyCommand=id@github.com:a'],
    ['an option as ssh host', 'ssh://-oProxyCommand=id/a'],
    ['an option as ssh user', 'ssh://-oProxyCommand=id@github.com/a'],
    ['an option as scp path', 'git@github.com:-a'],
    ['a bare path', '/srv/app'],
    ['a relative path', '../app'],
    ['a Windows path', 'C:\\app'],
    ['a file where none is allowed', 'file:///srv/app'],
    ['a file on another host', 'file://host/srv/app', local],
    ['a file with ..', 'file:///srv/../etc', local],
    ['a file with an encoded ..', 'file:///srv/%2e%2e/etc', local],
    ['a path with ..', 'https://github.com/a/../../b'],
    ['a path with an encoded ..', 'https://github.com/a/%2E%2e/b'],
    ['an scp path with ..', 'git@github.com:../b'],
    ['an scp path with .. inside', 'git@github.com:a/../../b'],
    ['a newline', 'https://github.com/a\nb'],
    ['an encoded newline', 'https://github.com/a%0ahost=evil'],
    ['an encoded NUL', 'https://github.com/a%00b'],
    ['a space', 'https://github.com/a b'],
    ['a query', 'https://github.com/a?b'],
    ['a fragment', 'https://github.com/a#b'],
    ['no repository', 'https://github.com/'],
    ['no host', 'https:///a'],
    ['an allowed host after a slash too many', 'https:///github.com/a'],
    ['an allowed host in full-width letters', 'https://ｇithub.com/a'],
    ['an allowed host in per cent', 'https://%67ithub.com/a'],
    ['a colon without a port', 'https://github.com:/a'],
    ['a port that is none', 'https://github.com:99999/a'],
    ['port 0', 'https://github.com:0/a'],
    ['a broken encoding', 'https://github.com/%zz'],
    ['more than 2048 characters', `https://github.com/${'a'.repeat(2048)}`],
    ['nothing', ''],
  ])('%s', (_what, url, by = rules) => {
    expect(refusal(url, by)).toContain('spec.url');
  });

  it.each([
    ['https://user:hunter2@github.com/a', 'password'],
    ['https://ghp_token@github.com/a', 'user name'],
    ['ssh://git:hunter2@github.com/a', 'password'],
    ['https://user:hunter2@github.com/a b', 'white space'],
  ])('when it carries credentials, without repeating them: %s', (url, why) => {
    const message = refusal(url);
    expect(message).toContain(why);
    expect(message).not.toMatch(/hunter2|ghp_token/);
  });
});

describe('a refused host', () => {
  it('is told with its port and the variable that would list it', () => {
    expect(refusal('https://evil.example:8443/a')).toContain(
      "the host evil.example:8443 is not among the allowed ones: ask operations to list it in the worker's SAMBAND_GIT_HOSTS",
    );
  });
});
