import type { SinkName } from './sinks/open-sinks.js';
import type { Sizes } from './tree.js';

/** What is put, where, and with how many requests in flight. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly sizes: Sizes;
  /** Number of files as a fraction of `--files`. */
  readonly share: number;
  /** Fixed number of files, instead of `share`. */
  readonly count?: number;
  readonly sink: SinkName;
  /** `put`: all files into an empty bucket. The others `update` a full bucket: with `no-op` no file has changed, with `changed` every hundredth. */
  readonly kind: 'put' | 'no-op' | 'changed';
  /** Copies from another bucket of the same server, inside the server. */
  readonly copies?: true;
  /** As a site: ours with order and deletes, others with deletes. */
  readonly site?: true;
  /** Ours compares the headers of unchanged objects. Only clients that can do so are measured, and ours without it beside them. */
  readonly headers?: true;
  /** Ours uses MD5 as checksum, instead of CRC32. */
  readonly md5?: boolean;
  /** Overrides `--concurrency`. */
  readonly concurrency?: number;
  /** Runs of each client for each of `--rounds`, where a single run is short. */
  readonly repeats?: number;
  /** A process that puts one object: programs that put nothing run beside it. */
  readonly starts?: true;
  /** Ours with other numbers of threads: with one only, beside the others, or with several, and then nothing but ours runs. */
  readonly threads?: 'one' | 'several';
  /** Selected together with others under this name. */
  readonly group?: string;
  /** Runs only if it is named, because it takes long. */
  readonly onlyByName?: true;
}

const SMALL = { sizes: 'small', share: 1, kind: 'put' } as const;
const MEDIUM = { sizes: 'medium', share: 0.2, kind: 'put' } as const;
const ONE = { sizes: 'small', share: 0, count: 1, kind: 'put', repeats: 5, starts: true } as const;
const THREADS = { threads: 'several', group: 'threads' } as const;
const BIG = { sizes: 'huge', share: 0, count: 1, kind: 'put', concurrency: 16 } as const;
const MANY_BIG = { ...BIG, sizes: 'big', count: 20 } as const;

export const WORKLOADS: readonly Workload[] = [
  { name: 'one', title: 'a process that puts one small file, http sink', sink: 'http', ...ONE },
  { name: 'one-tls', title: 'a process that puts one small file, TLS sink', sink: 'tls', ...ONE },
  { name: 'small-http', title: 'small files, http sink', sink: 'http', ...SMALL, threads: 'one' },
  { name: 'small-tls', title: 'small files, TLS sink', sink: 'tls', ...SMALL, threads: 'one' },
  { name: 'small-md5', title: 'small files, http sink that takes Content-MD5 only', sink: 'generic-http', ...SMALL },
  { name: 'medium-http', title: '256 KiB files, http sink', sink: 'http', ...MEDIUM },
  { name: 'medium-tls', title: '256 KiB files, TLS sink', sink: 'tls', ...MEDIUM },
  {
    name: 'medium-md5',
    title: '256 KiB files, http sink that takes Content-MD5 only',
    sink: 'generic-http',
    ...MEDIUM,
    threads: 'one',
  },
  {
    name: 'medium-tls-md5',
    title: '256 KiB files, TLS sink that takes Content-MD5 only',
    sink: 'generic-tls',
    ...MEDIUM,
  },
  {
    name: 'closing',
    title: 'small files, http sink that closes each connection',
    sink: 'closing',
    ...SMALL,
    share: 0.5,
  },
  { name: 'slow-http', title: 'small files, http, 30 ms added', sink: 'slow-http', ...SMALL },
  { name: 'slow-tls', title: 'small files, TLS, 30 ms added', sink: 'slow-tls', ...SMALL },
  { name: 'slow-http-256', title: 'small files, http, 30 ms added', sink: 'slow-http', ...SMALL, concurrency: 256 },
  { name: 'small-real', title: 'small files, versitygw, responses compared', sink: 'versitygw', ...SMALL },
  { name: 'no-op', title: 'update, nothing changed, versitygw', sink: 'versitygw', ...SMALL, kind: 'no-op' },
  {
    name: 'site-no-op',
    title: 'deploy with order and deletes, nothing changed, versitygw',
    sink: 'versitygw',
    ...SMALL,
    kind: 'no-op',
    site: true,
  },
  {
    name: 'site-headers',
    title: 'deploy with order, deletes and headers compared, nothing changed, versitygw',
    sink: 'versitygw',
    ...SMALL,
    kind: 'no-op',
    site: true,
    headers: true,
  },
  { name: 'changed', title: 'update, 1 % changed, versitygw', sink: 'versitygw', ...SMALL, kind: 'changed' },
  {
    name: 'copy',
    title: 'small objects, bucket to bucket, versitygw',
    sink: 'versitygw',
    ...SMALL,
    copies: true,
  },
  {
    name: 'copy-no-op',
    title: 'copy again, nothing changed',
    sink: 'versitygw',
    ...SMALL,
    kind: 'no-op',
    copies: true,
  },
  {
    name: 'hash-update',
    title: 'update of 100 MiB files, nothing changed, versitygw',
    sink: 'versitygw',
    ...MANY_BIG,
    kind: 'no-op',
    threads: 'one',
  },
  { name: 'big-crc', title: '2 GiB, multipart sink', sink: 'multipart', ...BIG },
  { name: 'big-tls', title: '2 GiB, multipart sink over TLS', sink: 'multipart-tls', ...BIG, threads: 'one' },
  {
    name: 'big-md5',
    title: '2 GiB, multipart sink, ours by MD5',
    sink: 'multipart',
    ...BIG,
    md5: true,
    threads: 'one',
  },
  { name: 'many-big', title: '100 MiB files, multipart sink', sink: 'multipart', ...MANY_BIG },
  {
    name: 'many-big-md5',
    title: '100 MiB files, multipart sink, ours by MD5',
    sink: 'multipart',
    ...MANY_BIG,
    md5: true,
  },
  { name: 'big-real', title: '2 GiB, versitygw, responses compared', sink: 'versitygw', ...BIG },
  { name: 'big-real-md5', title: '2 GiB, versitygw, ours by MD5', sink: 'versitygw', ...BIG, md5: true },
  { name: 'many-big-real', title: '100 MiB files, versitygw, responses compared', sink: 'versitygw', ...MANY_BIG },
  {
    name: 'many-big-real-md5',
    title: '100 MiB files, versitygw, ours by MD5',
    sink: 'versitygw',
    ...MANY_BIG,
    md5: true,
  },
  { name: 'threads-small', title: 'small files, TLS sink', sink: 'tls', ...SMALL, ...THREADS },
  { name: 'threads-medium', title: '256 KiB files, TLS sink', sink: 'tls', ...MEDIUM, ...THREADS },
  {
    name: 'threads-md5',
    title: '256 KiB files, http sink that takes Content-MD5 only',
    sink: 'generic-http',
    ...MEDIUM,
    ...THREADS,
  },
  { name: 'threads-big', title: '2 GiB, multipart sink over TLS', sink: 'multipart-tls', ...BIG, ...THREADS },
  {
    name: 'million',
    title: '1,000,000 files of 16 bytes, http sink',
    sink: 'http',
    sizes: 'tiny',
    share: 0,
    count: 1_000_000,
    kind: 'put',
    onlyByName: true,
  },
];

/** Whether the files are large enough to be uploaded in parts. */
export const inParts = ({ sizes }: Workload): boolean => sizes === 'big' || sizes === 'huge';
