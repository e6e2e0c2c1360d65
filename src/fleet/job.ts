import { UsageError } from '../errors.js';
import { MOST_PARTS } from '../model/part-layout.js';
import { VERSION } from '../model/version.js';
import { isJobOption } from './options.js';

/**
 * One file of a batch.
 * @see sameFile for what is compared
 */
export type BatchFile = readonly [
  /** Relative to the root, with `/`. */
  path: string,
  /** Bytes. */
  size: number,
  /** When it was last written, in whole ms since 1970. */
  modifiedMs: number,
  /** Inode number. It means something only where the root is the same directory of the same file system. */
  inode: number,
  /** Its key, where that is not the prefix and the path. */
  key?: string,
];

/** One object of a batch. A worker copies it only if it still has this ETag. */
export type BatchObject = readonly [
  /** Key in the source. */
  key: string,
  /** Bytes. */
  size: number,
  /** Without quotes; null where the server sends none. */
  etag: string | null,
  /** When it was last changed, in ms since 1970; null where the server does not say. */
  modifiedMs: number | null,
  /** Null for the default class. */
  storageClass: string | null,
  /** Null for the current version. */
  versionId: string | null,
];

/** What shows whether a directory on another machine is the same one, on a file system that both share. */
export interface RootStamp {
  readonly inode: number;
  /** When its inode last changed, in ms since 1970: no tool can set this time. */
  readonly changedMs: number;
}

interface CommonJob {
  /** Version of the tool that made the job. A worker of another version refuses it: options and results may mean something else there. */
  readonly version: string;
  /** Name of the run. */
  readonly run: string;
  /** The options of the run that say what is done with an object, as JSON. No credentials, and nothing about this machine. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Files of one directory, in key order. */
export interface PutJob extends CommonJob {
  readonly kind: 'put';
  /** Absolute path of the directory. */
  readonly root: string;
  readonly rootStamp: RootStamp;
  readonly files: readonly BatchFile[];
}

/** Objects of one bucket, in the order of its listing. */
export interface CopyJob extends CommonJob {
  readonly kind: 'copy';
  readonly objects: readonly BatchObject[];
}

/**
 * A job in the queue: a batch, and what to do with it. Whoever may write to the queue decides which files workers read and where they send them, so
 * the queue needs the same protection as the workers' credentials.
 */
export type BatchJob = PutJob | CopyJob;

/** The upload that the parts of a range go to. It is open, and whoever has queued the range completes it. */
export interface RangeUpload {
  /** Key in the destination. */
  readonly key: string;
  readonly uploadId: string;
  /** Headers that each request for a part needs. None is a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** It was created with the checksum CRC32. */
  readonly crc32: boolean;
  /** A KMS key encrypts it. */
  readonly encrypted: boolean;
}

/** One part: its number, its first byte, and the byte after its last. */
export type RangePart = readonly [number: number, start: number, end: number];

/** Some parts of one upload, which any worker sends. */
export interface RangeJob {
  readonly version: string;
  /** Name of the run. */
  readonly run: string;
  readonly kind: 'range';
  /** The object, as a batch of one. */
  readonly batch: BatchJob;
  readonly upload: RangeUpload;
  readonly parts: readonly RangePart[];
  /** Of a copy: the bytes pass through the worker. */
  readonly relayed: boolean;
}

/** What the queue holds. */
export type AnyJob = BatchJob | RangeJob;

/** Parts of a range at most: what is known of them fits into a return value. */
export const MOST_RANGE_PARTS = 100;

/** Bytes of a return value at most. Ours are smaller: BullMQ adds a few fields. */
export const MOST_RESULT_BYTES: number = 64 * 1024;

/**
 * Checks a job that came out of the queue.
 * @throws UsageError for a job of another version, naming both, and for anything that is no job
 */
export function readJob(data: unknown): AnyJob {
  const job = fieldsOf<keyof RangeJob>(data);
  checkVersion(job);
  if (job.kind !== 'range') return readBatch(data);
  if (typeof job.run !== 'string' || typeof job.relayed !== 'boolean') throw damaged('its run, or how it is sent');
  const batch = readBatch(job.batch);
  if (sizeOf(batch) !== 1) throw damaged('its object');
  if (!isUpload(job.upload)) throw damaged('its upload');
  if (!isParts(job.parts, onlyEntry(batch)?.[1] ?? 0)) throw damaged('its parts');
  return data as RangeJob;
}

function fieldsOf<K extends string>(data: unknown): Partial<Record<K, unknown>> {
  return (typeof data === 'object' && data !== null ? data : {}) as Partial<Record<K, unknown>>;
}

function checkVersion(job: Partial<Record<'version' | 'run', unknown>>): void {
  if (typeof job.version !== 'string') throw new UsageError('The queue holds a job that is none of s3-parallel-put.');
  if (job.version !== VERSION)
    throw new UsageError(
      `The run ${String(job.run)} is one of s3-parallel-put ${job.version}, and this worker is ${VERSION}.`,
      'Install the same version on all machines.',
    );
}

function readBatch(data: unknown): BatchJob {
  const job = fieldsOf<keyof PutJob | 'objects'>(data);
  checkVersion(job);
  const common =
    typeof job.run === 'string' &&
    typeof job.options === 'object' &&
    job.options !== null &&
    !Array.isArray(job.options);
  if (!common) throw damaged('its run or options');
  if (job.kind === 'put') {
    const stamp = job.rootStamp as Partial<RootStamp> | null | undefined;
    if (typeof job.root !== 'string' || typeof stamp?.inode !== 'number' || typeof stamp.changedMs !== 'number')
      throw damaged('its directory');
    if (!Array.isArray(job.files) || !job.files.every(isFile)) throw damaged('its files');
  } else if (job.kind === 'copy') {
    if (!Array.isArray(job.objects) || !job.objects.every(isObject)) throw damaged('its objects');
  } else throw damaged(`its kind, ${JSON.stringify(job.kind)}`);
  const kind = job.kind;
  const odd = Object.keys(job.options as object).find((name) => !isJobOption(kind, name));
  if (odd !== undefined) throw damaged(`its option ${JSON.stringify(odd)}`);
  return data as BatchJob;
}

function damaged(part: string): UsageError {
  return new UsageError(`The queue holds a job that cannot be read: ${part}.`, 'Something else writes to this queue.');
}

const OUTSIDE = /^\/|(?:^|\/)\.\.(?:\/|$)/;

function isFile(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [path, size, modified, inode, key] = value as readonly unknown[];
  // A path out of the root would let the queue name any file of the machine.
  const inside = typeof path === 'string' && path !== '' && !OUTSIDE.test(path);
  return inside && [size, modified, inode].every(Number.isFinite) && (key === undefined || typeof key === 'string');
}

function isObject(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [key, size, etag, modified, storageClass, versionId] = value as readonly unknown[];
  const texts = [etag, storageClass, versionId].every((one) => one === null || typeof one === 'string');
  return typeof key === 'string' && Number.isFinite(size) && texts && (modified === null || Number.isFinite(modified));
}

function isUpload(value: unknown): boolean {
  const { key, uploadId, headers, crc32, encrypted } = fieldsOf<keyof RangeUpload>(value);
  const texts = [key, uploadId].every((one) => typeof one === 'string' && one !== '');
  const flags = [crc32, encrypted].every((one) => typeof one === 'boolean');
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false;
  return texts && flags && Object.values(headers).every((one) => typeof one === 'string');
}

/** Rising numbers that S3 allows, and for each at least a byte of the object. */
function isParts(value: unknown, size: number): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_RANGE_PARTS) return false;
  let last = 0;
  return value.every((part: unknown) => {
    if (!Array.isArray(part) || part.length !== 3 || !part.every(Number.isSafeInteger)) return false;
    const [number, start, end] = part as unknown as RangePart;
    const rises = number > last && number <= MOST_PARTS;
    last = number;
    return rises && start >= 0 && end > start && end <= size;
  });
}

function onlyEntry(job: BatchJob): BatchFile | BatchObject | undefined {
  return job.kind === 'put' ? job.files[0] : job.objects[0];
}

/** How many objects a job has. */
export function sizeOf(job: BatchJob): number {
  return job.kind === 'put' ? job.files.length : job.objects.length;
}

/** A part of a job, as a job. */
export function partOf(job: BatchJob, from: number, to: number): BatchJob {
  return job.kind === 'put'
    ? { ...job, files: job.files.slice(from, to) }
    : { ...job, objects: job.objects.slice(from, to) };
}
