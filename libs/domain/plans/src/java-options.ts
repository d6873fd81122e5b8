/**
 * Java options of an infra config run with the broker's rights, and come from git. So only what is known to be
 * harmless passes: no agents, no class path, no files, no commands on errors, no properties of Artemis.
 */

const MAX_WORDS = 32;

const COLLECTORS = new Set(['UseSerialGC', 'UseParallelGC', 'UseG1GC', 'UseZGC', 'UseShenandoahGC']);

const SWITCHES = new Set([
  ...COLLECTORS,
  'AlwaysPreTouch',
  'DisableExplicitGC',
  'ExplicitGCInvokesConcurrent',
  'ParallelRefProcEnabled',
  'TieredCompilation',
  'UseCompressedClassPointers',
  'UseCompressedOops',
  'UseNUMA',
  'UseStringDeduplication',
]);

const NUMBERS = new Set([
  'ActiveProcessorCount',
  'CICompilerCount',
  'ConcGCThreads',
  'G1HeapRegionSize',
  'G1ReservePercent',
  'InitiatingHeapOccupancyPercent',
  'MaxDirectMemorySize',
  'MaxGCPauseMillis',
  'MaxMetaspaceSize',
  'MaxTenuringThreshold',
  'MetaspaceSize',
  'NewRatio',
  'ParallelGCThreads',
  'ReservedCodeCacheSize',
  'SurvivorRatio',
  'TieredStopAtLevel',
]);

/** Options that set memory apart beside the heap. */
const OUTSIDE_HEAP =
  /^(-Xss|-XX:(MaxDirectMemorySize|MaxMetaspaceSize|MetaspaceSize|ReservedCodeCacheSize)=)[0-9]+[kKmMgG]?$/;

const PROPERTY =
  /^-D(io\.netty\.[A-Za-z0-9.]{1,100}|java\.net\.prefer[A-Za-z0-9]{1,40}|user\.timezone)=([A-Za-z0-9_+.-]{0,100})$/;

export type ScreenedOptions =
  | {
      readonly ok: true;
      /** Words to give to `java` after its own; the heap is not among them. */
      readonly options: readonly string[];
      /** `-Xmx`, when there was one: bytes. */
      readonly maxHeapBytes: number | undefined;
      /** `-Xms`, when there was one: bytes. A machine whose heap begins larger than it may grow does not start. */
      readonly initialHeapBytes: number | undefined;
      /** The greatest memory that an option sets apart beside the heap, when there is one. */
      readonly outsideHeap: { readonly option: string; readonly bytes: number } | undefined;
    }
  | { readonly ok: false; readonly message: string };

/** Splits `javaOpts` at white space and lets through what is known to be harmless. */
export function screenJavaOptions(javaOpts: string): ScreenedOptions {
  const words = javaOpts.split(/\s+/).filter((word) => word !== '');
  if (words.length > MAX_WORDS) return { ok: false, message: `javaOpts has more than ${MAX_WORDS} options` };
  const refused = words.filter((word) => !isHarmless(word));
  if (refused.length > 0) {
    const shown = refused.slice(0, 3).map((word) => word.slice(0, 40));
    return { ok: false, message: `javaOpts: not allowed: ${shown.join(' ')}` };
  }
  const collectors = words.filter((word) => word.startsWith('-XX:+') && COLLECTORS.has(word.slice(5)));
  if (new Set(collectors).size > 1) {
    return { ok: false, message: `javaOpts: one garbage collector, not ${collectors.join(' ')}` };
  }
  return {
    ok: true,
    options: words.flatMap(adjusted),
    maxHeapBytes: heapBytes(words.findLast((word) => word.startsWith('-Xmx'))),
    initialHeapBytes: heapBytes(words.findLast((word) => word.startsWith('-Xms'))),
    outsideHeap: words
      .filter((word) => OUTSIDE_HEAP.test(word))
      .map((option) => ({ option, bytes: bytesOf(option) }))
      .sort((a, b) => b.bytes - a.bytes)[0],
  };
}

function isHarmless(word: string): boolean {
  if (word === '-server' || PROPERTY.test(word)) return true;
  if (/^-X(mx|ms|mn|ss)[1-9][0-9]{0,11}[kKmMgG]?$/.test(word)) return true;
  const [, sign, flag = ''] = /^-XX:([+-])([A-Za-z0-9]+)$/.exec(word) ?? [];
  if (sign !== undefined) return SWITCHES.has(flag) && !(sign === '-' && COLLECTORS.has(flag));
  const [, name = ''] = /^-XX:([A-Za-z0-9]+)=[0-9]{1,15}[kKmMgG]?$/.exec(word) ?? [];
  return NUMBERS.has(name);
}

/** Brokers run with the serial collector by default; two at a time do not start. */
function adjusted(word: string): string[] {
  if (word.startsWith('-Xmx')) return [];
  const isOtherCollector =
    word.startsWith('-XX:+') && COLLECTORS.has(word.slice(5)) && word !== '-XX:+UseSerialGC';
  return isOtherCollector ? ['-XX:-UseSerialGC', word] : [word];
}

function heapBytes(word: string | undefined): number | undefined {
  return word === undefined ? undefined : bytesOf(word);
}

function bytesOf(word: string): number {
  const [, amount, unit = ''] = /([0-9]+)([kKmMgG]?)$/.exec(word) ?? [];
  const factor = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[unit.toLowerCase()] ?? 1;
  return Number(amount) * factor;
}
