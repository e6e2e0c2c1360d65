import { BASE } from './clients/all.js';
import { WITHOUT_HEADERS } from './clients/ours.js';
import type { Figures, Row, WorkloadResult } from './result.js';

/** A limit for a figure of ours, or for the ratio ours/theirs if there is a peer. */
interface Target {
  readonly workload: string;
  readonly figure: keyof typeof FIGURES;
  /** Whose figure it is; by default that of `ours-cli`. */
  readonly client?: string;
  readonly peer?: string;
  /** The workload of a process that puts one object: its figure is subtracted from each client's, so that only what an object adds is compared. */
  readonly minus?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Only where the benchmark runs on this major version of Node. */
  readonly node?: number;
}

const FIGURES = {
  CPU: ({ cpuSeconds }: Figures): number => cpuSeconds,
  wall: ({ wallSeconds }: Figures): number => wallSeconds,
  'objects/s': ({ objectsPerSecond }: Figures): number => objectsPerSecond,
  'peak RSS, MB': ({ peakMegabytes }: Figures): number => peakMegabytes,
  LISTs: ({ requests }: Figures): number => requests.LIST ?? 0,
  HEADs: ({ requests }: Figures): number => requests.HEAD ?? 0,
  PUTs: ({ requests }: Figures): number => requests.PUT ?? 0,
  copies: ({ requests }: Figures): number => requests.COPY ?? 0,
  GETs: ({ requests }: Figures): number => requests.GET ?? 0,
} as const;

type Limit = Omit<Target, 'workload'>;
const targets = (workload: string, ...limits: readonly Limit[]): Target[] =>
  limits.map((limit) => ({ workload, ...limit }));

const cpu = (peer: string, atMost: number): Limit => ({ figure: 'CPU', peer, atMost });
const wall = (peer: string, atMost: number): Limit => ({ figure: 'wall', peer, atMost });
const speed = (peer: string, atLeast: number): Limit => ({ figure: 'objects/s', peer, atLeast });
const most = (figure: Target['figure'], atMost: number): Limit => ({ figure, atMost });
/** CPU of each object after the first, compared with the floor's. */
const marginal = (minus: string): Limit => ({ figure: 'CPU', peer: 'floor', minus, atMost: 2 });
const NODE_24: Limit = { figure: 'CPU', client: 'ours-node24', peer: BASE, atMost: 0.9 };
/** Threads must not make slower what they cannot make faster. */
const AS_FAST_AS_ONE_THREAD: Limit = { figure: 'wall', peer: 'threads-1', atMost: 1.03 };

const SMALL = ['small-http', 'small-tls', 'small-md5', 'small-real', 'no-op', 'changed'];
const BIG_CRC = ['big-crc', 'big-tls', 'many-big', 'big-real', 'many-big-real'];
const BIG_MD5 = ['big-md5', 'many-big-md5', 'big-real-md5', 'many-big-real-md5'];
const RSS = 'peak RSS, MB';
/** For 10,000 small files, by the version of Node; every thread after the first may take more. */
const SMALL_RSS = { 20: 105, 24: 125 } as const;
const THREAD_RSS = 40;
/** The default of the option `memory`, and 90 MB. */
const BIG_RSS = Math.floor((192 * 2 ** 20) / 1e6) + 90;

const smallMemory = (workload: string): Target[] => [
  { workload, figure: RSS, atMost: SMALL_RSS[20], node: 20 },
  { workload, figure: RSS, atMost: SMALL_RSS[24], node: 24 },
  { workload, figure: RSS, client: 'ours-node24', atMost: SMALL_RSS[24] },
];

/** The project's targets, for 10,000 files; all of them, and nowhere else. */
const TARGETS: readonly Target[] = [
  // Starting.
  ...targets(
    'one',
    cpu('node-bare', 2),
    { figure: 'CPU', client: 'ours-version', peer: 'node-bare', atMost: 1.3 },
    { figure: 'wall', client: 'action-first-line', peer: 'node-first-line', atMost: 2 },
  ),
  // Small objects. Where the server takes Content-MD5 only, two hashes are ours to make.
  ...targets('small-http', cpu('s5cmd', 0.38), cpu('client-s3+p-map', 0.15), marginal('one'), NODE_24),
  ...targets('small-http', speed('s5cmd', 2), speed('rclone', 2), AS_FAST_AS_ONE_THREAD),
  ...targets('small-tls', cpu('s5cmd', 0.35), cpu('rclone', 0.4), marginal('one-tls'), NODE_24),
  ...targets('small-tls', speed('s5cmd', 3), speed('rclone', 1.8), AS_FAST_AS_ONE_THREAD),
  ...targets('small-md5', cpu('s5cmd', 0.45), speed('s5cmd', 2), speed('rclone', 2)),
  ...targets('small-real', cpu('s5cmd', 0.5)),
  ...targets('slow-http-256', wall('s5cmd', 0.7)),
  ...targets('closing', cpu('s5cmd', 1)),
  // Middle sizes.
  ...targets('medium-http', cpu('s5cmd', 0.6), wall('s5cmd', 0.8)),
  ...targets('medium-tls', cpu('s5cmd', 0.42), wall('s5cmd', 0.5)),
  ...targets('medium-md5', cpu('s5cmd', 1), wall('s5cmd', 1.1)),
  // Updates.
  ...targets('no-op', wall('s5cmd', 0.7), wall('aws', 0.35), wall('rclone', 0.8), cpu('aws', 0.5), cpu('rclone', 0.8)),
  ...targets('no-op', most('LISTs', 11), most('HEADs', 0), most('PUTs', 0)),
  ...targets('site-no-op', wall('s5cmd', 0.7), wall('aws', 0.35), most('LISTs', 11), most('HEADs', 0)),
  ...targets('changed', cpu('rclone', 0.8), wall('s5cmd', 0.75), wall('rclone', 0.8)),
  ...targets('hash-update', { figure: 'objects/s', peer: 'threads-1', atLeast: 1.6 }),
  ...targets('site-no-op', most('PUTs', 0)),
  ...targets('site-headers', wall(WITHOUT_HEADERS, 2.5), most('HEADs', 10_000), most('PUTs', 0), most('copies', 0)),
  ...targets('site-headers', { figure: 'HEADs', atLeast: 10_000 }, most(RSS, 130)),
  // Copies.
  ...targets('copy', cpu('s5cmd', 0.5), wall('s5cmd', 1), most('LISTs', 22), most('GETs', 0)),
  ...targets('copy-no-op', most('copies', 0), most('HEADs', 0), most('LISTs', 22)),
  // Large objects.
  ...targets('big-tls', cpu('awscrt', 0.8), cpu('bun', 1.5), wall('awscrt', 1), wall('bun', 1.25), wall('s5cmd', 0.5)),
  ...targets('big-crc', cpu('bun', 2.5), wall('awscrt', 1)),
  ...targets('big-md5', cpu('s5cmd', 1.05)),
  ...BIG_CRC.flatMap((workload) => targets(workload, cpu('s5cmd', 0.8))),
  ...[...BIG_CRC.filter((workload) => workload !== 'big-tls'), ...BIG_MD5].flatMap((workload) =>
    targets(workload, wall('s5cmd', 1)),
  ),
  // Memory.
  ...SMALL.flatMap(smallMemory),
  ...['slow-http', 'slow-http-256'].flatMap((workload) => targets(workload, most(RSS, 160))),
  ...[2, 4, 8].flatMap((threads) =>
    ([20, 24] as const).map((node): Target => {
      const atMost = SMALL_RSS[node] + (threads - 1) * THREAD_RSS;
      return { workload: 'threads-small', figure: RSS, client: `threads-${threads}`, atMost, node };
    }),
  ),
  ...targets('million', most(RSS, 250)),
  ...[...BIG_CRC, ...BIG_MD5, 'hash-update'].flatMap((workload) => targets(workload, most(RSS, BIG_RSS))),
];

export interface Verdict extends Target {
  readonly value: number;
  readonly met: boolean;
}

/** Checks the targets whose figures this run has. */
export function verdicts(results: readonly WorkloadResult[]): Verdict[] {
  return TARGETS.flatMap((target) => {
    const rowsOf = (workload: string): readonly Row[] => results.find(({ name }) => name === workload)?.rows ?? [];
    const figureIn = (workload: string, name: string): number | undefined => {
      const figures = rowsOf(workload).find(({ client }) => client === name)?.figures;
      return figures && FIGURES[target.figure](figures);
    };
    const figure = (name: string): number | undefined => {
      const whole = figureIn(target.workload, name);
      if (target.minus === undefined || whole === undefined) return whole;
      const start = figureIn(target.minus, name);
      return start === undefined ? undefined : whole - start;
    };
    if (target.node !== undefined && !process.version.startsWith(`v${target.node}.`)) return [];
    const ours = figure(target.client ?? BASE);
    const theirs = target.peer === undefined ? 1 : figure(target.peer);
    if (ours === undefined || theirs === undefined) return [];
    const value = ours / theirs;
    const met = value <= (target.atMost ?? Number.POSITIVE_INFINITY) && value >= (target.atLeast ?? 0);
    return [{ ...target, value, met }];
  });
}
