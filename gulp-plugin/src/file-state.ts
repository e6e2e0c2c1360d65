import { isIP } from 'node:net';
import type { HeaderChange, HeaderMap, Outcome, PutOptions, Report } from 's3-parallel-put';
import type Vinyl from 'vinyl';

/** The result of a file, in `file.s3`: the fields of gulp-awspublish, and more. */
export interface FileState {
  /** Key of the object, with the prefix. */
  readonly path: string;
  /**
   * `create`: the object did not exist; `update`: it was different, or was not compared; `metadata`: the content is the same, and headers were changed
   * without an upload (`updateHeaders`); `skip`: it is the same; `unknown`: the run ended while it was
   * being sent, so it may have been stored; `delete`: the file has no contents, and stands for an object that was deleted, because the stream has no file
   * for it. Absent where the file failed, was left out or was not attempted.
   */
  readonly state?: 'create' | 'update' | 'metadata' | 'skip' | 'unknown' | 'delete';
  /** Without quotes; absent where the server returns none. */
  readonly etag?: string;
  /** When the object was put, or its headers were changed; absent in a dry run. */
  readonly date?: Date;
  /** Headers that the object was put with, names in lower case; if it was not put, the headers that options and stages set. */
  readonly headers: HeaderMap;
  /** URL of the object. */
  readonly url: string;
  /** Bytes sent; in a dry run, bytes that would be sent. */
  readonly bytes: number;
  /** Bytes of the object that is replaced or deleted; absent where there is none, and where its size is unknown, as in mode `stupid`. */
  readonly replacedBytes?: number;
  /** With `updateHeaders`: the headers that differ, with the old and the new values; absent where none do. */
  readonly headerChanges?: readonly HeaderChange[];
  /** Why the file has this result. */
  readonly reason: string;
}

/** What earlier stages set in `file.s3`: the key without the prefix, and headers, names in lower case. */
export interface StageSettings {
  readonly path: string | undefined;
  readonly headers: HeaderMap | undefined;
}

/** A Vinyl file with its result. */
export type S3File = Vinyl & { s3?: Partial<FileState> };

interface Origin {
  readonly settings: StageSettings;
  readonly key: string;
  readonly headers: HeaderMap;
}

/** What earlier stages set before our state replaced it. With two puts in a row, the key of the first is not a setting for the second. */
const origins = new WeakMap<object, Origin>();

/** @throws TypeError for a path that is not a string */
export function readStageSettings({ s3 }: S3File): StageSettings {
  if (s3 === undefined || s3 === null) return { path: undefined, headers: undefined };
  const before = origins.get(s3);
  const path = before !== undefined && s3.path === before.key ? before.settings.path : s3.path;
  if (path !== undefined && typeof path !== 'string')
    throw new TypeError(`file.s3.path is ${typeof path}; it must be a string`);
  if (before !== undefined && s3.headers === before.headers) return { path, headers: before.settings.headers };
  return { path, headers: s3.headers === undefined ? undefined : normalizeHeaders(s3.headers) };
}

/**
 * Names in lower case, values as text: the router of gulp-awspublish sets dates, other stages set numbers. Content-Length is dropped, because the
 * engine may still compress the body.
 */
function normalizeHeaders(headers: Readonly<Record<string, unknown>>): HeaderMap {
  const normalized: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) normalized[name.toLowerCase()] = headerValue(value) as string;
  delete normalized['content-length'];
  return normalized;
}

/** Dates and numbers as text. Other values stay as they are; the engine rejects them. */
function headerValue(value: unknown): unknown {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toUTCString();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
}

export interface StateInput {
  /** Absent if the engine did not get the file. */
  readonly outcome?: Outcome | undefined;
  readonly headers: HeaderMap;
  readonly key: string;
  readonly url: string;
  /** The outcome says what would be written. */
  readonly dryRun?: boolean;
  /** Used if there is no outcome. */
  readonly reason: string;
  readonly settings: StageSettings;
}

/** Assigns field by field instead of spreading, because it runs for every file. */
export function createState(input: StateInput): FileState {
  const { outcome, dryRun = false, headers, key: path, url, settings } = input;
  const { action, reason = input.reason, bytes = 0, etag, replacedBytes, headerChanges } = outcome ?? NO_OUTCOME;
  const state: { -readonly [Name in keyof FileState]: FileState[Name] } = { path, headers, url, bytes, reason };
  if (action === 'skip' || action === 'unknown' || action === 'delete') state.state = action;
  else if (action === 'put' || action === 'metadata') {
    state.state = action === 'metadata' ? action : reason === 'new' ? 'create' : 'update';
    if (!dryRun) state.date = new Date();
  }
  if (etag !== undefined) state.etag = etag;
  if (replacedBytes !== undefined) state.replacedBytes = replacedBytes;
  if (headerChanges !== undefined) state.headerChanges = headerChanges;
  origins.set(state, { settings, key: path, headers });
  return dryRun ? markDryRun(state) : state;
}

const NO_OUTCOME: Partial<Outcome> = {};

/** States and streams of dry runs. The reporter reads the mark; the public state has no field for it. */
const dryRunObjects = new WeakSet<object>();

export function markDryRun<T extends object>(stateOrStream: T): T {
  dryRunObjects.add(stateOrStream);
  return stateOrStream;
}

export function isDryRun(stateOrStream: object): boolean {
  return dryRunObjects.has(stateOrStream);
}

/** What the run of a stream did, for the reporter after it. */
const reports = new WeakMap<object, Report>();

export function keepReport(stream: object, report: Report | undefined): void {
  if (report !== undefined) reports.set(stream, report);
}

/** Undefined until the run has ended, and for streams of other plugins. */
export function reportOf(stream: object): Report | undefined {
  return reports.get(stream);
}

/** Returns a function from key to URL, as far as options and environment name the endpoint and the region of the bucket. */
export function objectUrls(options: Omit<PutOptions, 'source'>, bucket: string): (key: string) => string {
  const { endpointUrl = endpointFromEnvironment(), region, secure = true } = options;
  const url = new URL(withScheme(endpointUrl ?? awsHost(region), secure));
  // A bucket name cannot be a subdomain of an IP address.
  const pathStyle =
    (options.forcePathStyle ?? options.endpointUrl !== undefined) || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  const path = url.pathname.replace(/\/$/, '');
  const base = pathStyle
    ? `${url.protocol}//${url.host}${path}/${bucket}`
    : `${url.protocol}//${bucket}.${url.host}${path}`;
  return (key) => `${base}/${NEEDS_NO_ENCODING.test(key) ? key : key.split('/').map(encodeURIComponent).join('/')}`;
}

/** True for most keys; the test is cheaper than encoding. */
const NEEDS_NO_ENCODING = /^[\w./-]*$/;

/** The endpoint that the AWS SDK reads from the environment. */
function endpointFromEnvironment(): string | undefined {
  const { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored, AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL: any } = process.env;
  return ignored === 'true' ? undefined : s3 || any || undefined;
}

function awsHost(region: string | undefined): string {
  const domain = region?.startsWith('cn-') === true ? 'amazonaws.com.cn' : 'amazonaws.com';
  return region === undefined ? `s3.${domain}` : `s3.${region}.${domain}`;
}

function withScheme(host: string, secure: boolean): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `${secure ? 'https' : 'http'}://${host}`;
}
