import { describe, expect, it } from '@jest/globals';
import { screenJavaOptions } from './java-options.js';

describe('screenJavaOptions', () => {
  it.each([
    ['', []],
    ['  -XX:MaxGCPauseMillis=50\n -server ', ['-XX:MaxGCPauseMillis=50', '-server']],
    [
      '-Dio.netty.allocator.type=pooled -Duser.timezone=UTC',
      ['-Dio.netty.allocator.type=pooled', '-Duser.timezone=UTC'],
    ],
    ['-XX:-UseCompressedOops', ['-XX:-UseCompressedOops']],
    ['-XX:+UseSerialGC', ['-XX:+UseSerialGC']],
  ])('lets %j through', (javaOpts, options) => {
    expect(screenJavaOptions(javaOpts)).toMatchObject({ ok: true, options });
  });

  it('switches the default collector off beside another one', () => {
    expect(screenJavaOptions('-XX:+UseG1GC')).toMatchObject({
      ok: true,
      options: ['-XX:-UseSerialGC', '-XX:+UseG1GC'],
    });
  });

  it.each([
    '-javaagent:x.jar',
    '-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005',
    '-agentpath:/x.so',
    '-Xrunjdwp',
    '-Xdebug',
    '-cp',
    '-classpath',
    '-jar',
    '@/etc/passwd',
    '--module-path=/x',
    '--patch-module',
    '-Xbootclasspath/a:/x',
    '-XX:OnOutOfMemoryError=reboot',
    '-XX:OnError=sh',
    '-XX:Flags=/x',
    '-XX:VMOptionsFile=/x',
    '-XX:HeapDumpPath=/x',
    '-XX:+HeapDumpOnOutOfMemoryError',
    '-XX:-ExitOnOutOfMemoryError',
    '-XX:-UseSerialGC',
    '-XX:SharedArchiveFile=/x',
    '-Xlog:all:file=/x',
    '-Xloggc:/x',
    '-Djava.security.auth.login.config=/x',
    '-Dartemis.instance=/x',
    '-Djava.library.path=/x',
    '-Dio.netty.native.workdir=/tmp/x',
    '-Dbrokerconfig.securityEnabled=false',
    '-DKUBERNETES_SERVICE_HOST=evil',
    '-XX:__proto__=1',
    'constructor',
    '$(reboot)',
    '-Xmx',
    '-Xmx0',
  ])('refuses %s', (option) => {
    expect(screenJavaOptions(`-server ${option}`)).toMatchObject({ ok: false });
  });

  it('refuses two collectors and too many words', () => {
    expect(screenJavaOptions('-XX:+UseG1GC -XX:+UseZGC')).toMatchObject({ ok: false });
    expect(screenJavaOptions('-server '.repeat(33))).toMatchObject({ ok: false });
  });
});
