import { BASE } from './clients/all.js';
import { WITHOUT_HEADERS } from './clients/ours.js';
import type { Figures, WorkloadResult } from './result.js';

/** A limit for our figure, or for the ratio ours/theirs if there is a peer. */
interface Target {
  readonly workload: string;
  readonly figure: keyof typeof FIGURES;
  readonly peer?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
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

const BIG_CRC = ['big-crc', 'many-big', 'big-real', 'many-big-real'];
const BIG_MD5 = ['big-md5', 'many-big-md5', 'big-real-md5', 'many-big-real-md5'];

/** The project's targets, for 10,000 files. */
const TARGETS: readonly Target[] = [
  { workload: 'small-http', figure: 'CPU', peer: 's5cmd', atMost: 0.45 },
  { workload: 'small-http', figure: 'CPU', peer: 'client-s3+p-map', atMost: 0.15 },
  { workload: 'small-http', figure: 'objects/s', peer: 's5cmd', atLeast: 2 },
  { workload: 'small-http', figure: 'objects/s', peer: 'rclone', atLeast: 2 },
  { workload: 'small-tls', figure: 'CPU', peer: 's5cmd', atMost: 0.35 },
  { workload: 'small-tls', figure: 'CPU', peer: 'rclone', atMost: 0.5 },
  { workload: 'small-tls', figure: 'objects/s', peer: 's5cmd', atLeast: 3 },
  { workload: 'small-tls', figure: 'objects/s', peer: 'rclone', atLeast: 1.5 },
  { workload: 'small-real', figure: 'CPU', peer: 's5cmd', atMost: 0.5 },
  { workload: 'slow-http-256', figure: 'wall', peer: 's5cmd', atMost: 0.7 },
  { workload: 'no-op', figure: 'wall', peer: 's5cmd', atMost: 0.7 },
  { workload: 'no-op', figure: 'wall', peer: 'aws', atMost: 0.35 },
  { workload: 'no-op', figure: 'wall', peer: 'rclone', atMost: 0.8 },
  { workload: 'no-op', figure: 'CPU', peer: 'aws', atMost: 0.5 },
  { workload: 'no-op', figure: 'CPU', peer: 'rclone', atMost: 1 },
  { workload: 'no-op', figure: 'LISTs', atMost: 11 },
  { workload: 'no-op', figure: 'HEADs', atMost: 0 },
  { workload: 'no-op', figure: 'PUTs', atMost: 0 },
  { workload: 'site-no-op', figure: 'wall', peer: 's5cmd', atMost: 0.7 },
  { workload: 'site-no-op', figure: 'wall', peer: 'aws', atMost: 0.35 },
  { workload: 'site-no-op', figure: 'LISTs', atMost: 11 },
  { workload: 'site-no-op', figure: 'HEADs', atMost: 0 },
  { workload: 'site-no-op', figure: 'PUTs', atMost: 0 },
  { workload: 'site-headers', figure: 'wall', peer: WITHOUT_HEADERS, atMost: 2.5 },
  { workload: 'site-headers', figure: 'HEADs', atMost: 10_000 },
  { workload: 'site-headers', figure: 'HEADs', atLeast: 10_000 },
  { workload: 'site-headers', figure: 'PUTs', atMost: 0 },
  { workload: 'site-headers', figure: 'copies', atMost: 0 },
  { workload: 'site-headers', figure: 'peak RSS, MB', atMost: 130 },
  { workload: 'copy', figure: 'CPU', peer: 's5cmd', atMost: 0.5 },
  { workload: 'copy', figure: 'wall', peer: 's5cmd', atMost: 1 },
  { workload: 'copy', figure: 'LISTs', atMost: 22 },
  { workload: 'copy', figure: 'GETs', atMost: 0 },
  { workload: 'copy-no-op', figure: 'copies', atMost: 0 },
  { workload: 'copy-no-op', figure: 'HEADs', atMost: 0 },
  { workload: 'copy-no-op', figure: 'LISTs', atMost: 22 },
  ...['small-http', 'small-tls', 'slow-http', 'slow-http-256', 'small-real', 'no-op', 'changed'].map(
    (workload): Target => ({ workload, figure: 'peak RSS, MB', atMost: 160 }),
  ),
  ...BIG_CRC.map((workload): Target => ({ workload, figure: 'CPU', peer: 's5cmd', atMost: 0.8 })),
  ...[...BIG_CRC, ...BIG_MD5].flatMap((workload): Target[] => [
    { workload, figure: 'wall', peer: 's5cmd', atMost: 1 },
    { workload, figure: 'peak RSS, MB', atMost: 350 },
  ]),
];

export interface Verdict extends Target {
  readonly value: number;
  readonly met: boolean;
}

/** Checks the targets whose figures this run has. */
export function verdicts(results: readonly WorkloadResult[]): Verdict[] {
  return TARGETS.flatMap((target) => {
    const rows = results.find(({ name }) => name === target.workload)?.rows ?? [];
    const figure = (name: string): number | undefined => {
      const figures = rows.find(({ client }) => client === name)?.figures;
      return figures && FIGURES[target.figure](figures);
    };
    const ours = figure(BASE);
    const theirs = target.peer === undefined ? 1 : figure(target.peer);
    if (ours === undefined || theirs === undefined) return [];
    const value = ours / theirs;
    const met = value <= (target.atMost ?? Number.POSITIVE_INFINITY) && value >= (target.atLeast ?? 0);
    return [{ ...target, value, met }];
  });
}
