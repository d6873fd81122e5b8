import { readdirSync } from 'node:fs';
import path from 'node:path';
import { SambandError } from '@samband/errors';
import { queuesIn } from '@samband/plans';
import type { BrokerSpec } from '@samband/topology';
import { brokerFileNames, type BrokerLayout } from './layout.js';

export interface JavaOptions {
  /** Unpacked Artemis distribution. */
  readonly artemisHome: string;
  /** Of `brokerJar`: what is ours in a broker. */
  readonly jar: string;
  /** Archive made by `archiveAtExit` with the same JDK and `artemisHome`: halves the time to start. */
  readonly cdsArchive?: string;
  /** Makes the archive when this broker stops; not together with `cdsArchive`. */
  readonly archiveAtExit?: string;
}

/** Jars of the distribution that a broker which speaks AMQP only and has no console never loads. */
const unused =
  /^(activemq-|artemis-(boot|cli|dto|web|ra|stomp|openwire|hornetq|hqclient|mqtt|jms|lockmanager-ri)|jetty-|jline-|picocli|zookeeper|curator|jgroups|qpid-jms|jakarta\.(servlet|jms|security|transaction)|websocket)/;

/**
 * The command that runs a broker: Artemis embedded in a main of ours, jars only on the class path (a folder there would
 * make the archive impossible). It exits with 1 when the server cannot start, and stops cleanly on SIGTERM.
 *
 * @throws SambandError BROKER_START_FAILED when `artemisHome` holds no distribution
 */
export function javaCommand(
  spec: BrokerSpec,
  layout: BrokerLayout,
  options: JavaOptions,
): { file: 'java'; args: string[] } {
  const { instanceDir, kubernetes } = layout;
  const properties: Record<string, string> = {
    'java.security.auth.login.config': path.join(instanceDir, brokerFileNames.loginConfig),
    'samband.refusals': path.join(instanceDir, brokerFileNames.refusals),
    'java.io.tmpdir': path.join(instanceDir, 'tmp'),
    'java.library.path': path.join(options.artemisHome, 'bin/lib/linux-x86_64'),
    'log4j2.disableJmx': 'true',
    'log4j2.configurationFile': path.join(instanceDir, brokerFileNames.logging),
    // Makes Netty find the guard of logins in our jar.
    'io.netty.bootstrap.extensions': 'serviceload',
    ...(spec.authentication === 'none' ? { 'samband.guard.bare': 'true' } : {}),
    'samband.queues': String(queuesIn(spec)),
    // SASL PLAIN is decoded with the default charset.
    'file.encoding': 'UTF-8',
    ...(kubernetes === undefined
      ? {}
      : {
          KUBERNETES_SERVICE_HOST: kubernetes.host,
          KUBERNETES_SERVICE_PORT: String(kubernetes.port),
          KUBERNETES_TOKEN_PATH: kubernetes.tokenPath,
          KUBERNETES_CA_PATH: kubernetes.caPath,
        }),
  };
  return {
    file: 'java',
    args: [
      `-Xmx${spec.heapMiB}m`,
      '-Xms32m',
      '-XX:+UseSerialGC',
      // Only the quick compiler: the thorough one takes more time than a broker does for all else while it starts and
      // fills, and messages cost the same without it (ADR 0003).
      '-XX:TieredStopAtLevel=1',
      // Buffers of the network; the default would allow as much again as the heap.
      `-XX:MaxDirectMemorySize=${Math.max(64, Math.floor(spec.heapMiB / 4))}m`,
      // Without it an OutOfMemoryError leaves a process that listens and answers nothing.
      '-XX:+ExitOnOutOfMemoryError',
      ...(options.cdsArchive === undefined
        ? []
        : [
            `-XX:SharedArchiveFile=${options.cdsArchive}`,
            '-Xshare:auto',
            '-Xlog:cds=off',
            '-Xlog:cds+dynamic=off',
          ]),
      ...(options.archiveAtExit === undefined
        ? []
        : [`-XX:ArchiveClassesAtExit=${options.archiveAtExit}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off']),
      ...spec.javaOptions,
      ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
      '-cp',
      [options.jar, ...jarsOf(options.artemisHome)].join(path.delimiter),
      'dev.samband.broker.Main',
      instanceDir,
    ],
  };
}

/** @throws SambandError BROKER_START_FAILED when there is no distribution */
export function jarsOf(artemisHome: string): string[] {
  const lib = path.join(artemisHome, 'lib');
  let names: string[];
  try {
    names = readdirSync(lib);
  } catch (cause) {
    throw new SambandError(
      'BROKER_START_FAILED',
      'there is no Artemis where ARTEMIS_HOME or the cache says',
      { cause },
    );
  }
  const jars = names.filter((name) => name.endsWith('.jar') && !unused.test(name)).sort();
  return jars.map((name) => path.join(lib, name));
}
