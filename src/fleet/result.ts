import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { S3RequestError, SourceError } from '../errors.js';
import type { Verb } from '../model/verbs.js';
import { renderOptionNames } from '../options/names.js';
import { shorten, textIn } from '../report/message.js';
import type { Outcome, OutcomeAction, Report, Verified } from '../report/types.js';
import { MOST_RESULT_BYTES } from './job.js';

/** An error, as it passes through the queue. */
export interface PassedError {
  readonly kind: 's3' | 'source' | 'other';
  readonly message: string;
  readonly code: string;
  readonly hint?: string;
  readonly verb?: string;
  readonly bucket?: string;
  readonly status?: number;
  readonly requestId?: string;
}

/** A bucket that does not exist, and an ACL for one that has none. */
const MISTAKES: readonly string[] = [
  'NoSuchBucket',
  'InvalidBucketName',
  'AccessControlListNotSupported',
  'AccessControlListDisabled',
];

/** Whether the options of the run are at fault, so that all workers meet the error, and none of them in the batches of other runs. */
export function isMistakeOfRun({ code }: PassedError): boolean {
  return MISTAKES.includes(code);
}

/** What one entry of a batch came to: an outcome without what the batch itself shows. */
export type EntryOutcome = Omit<Outcome, 'key' | 'origin' | 'startedAt' | 'shared' | 'headerChanges'>;

/** What a worker counted besides outcomes. */
export interface BatchCounts {
  readonly requests: Readonly<Partial<Record<Verb, number>>>;
  readonly heads: Readonly<Record<string, number>>;
  readonly retries: number;
  readonly throttles: number;
  readonly conflicts: number;
  readonly warnings: readonly (readonly [code: string, text: string])[];
  /** The destination keeps objects as files. */
  readonly keepsFiles?: boolean;
}

/**
 * How the work on a batch ended. `done`: every entry has an outcome. `ended`: an error that every request of this worker meets, which stops the worker,
 * unless it had done others before. `back`: the worker was asked to stop. `refused`: this worker cannot or may not do it, others perhaps can. `cut`: it has lost too
 * many workers to be run as a whole.
 */
export type BatchState = 'done' | 'ended' | 'back' | 'refused' | 'cut';

/** What a worker returns for a batch. */
export interface BatchResult {
  readonly state: BatchState;
  /** Name of the worker, for people. */
  readonly worker: string;
  /** In the order of the batch; undefined for an entry that was not attempted. */
  readonly outcomes: readonly (EntryOutcome | undefined)[];
  readonly counts: BatchCounts;
  /** Why it ended. */
  readonly error?: PassedError;
}

export const NO_COUNTS: BatchCounts = { requests: {}, heads: {}, retries: 0, throttles: 0, conflicts: 0, warnings: [] };

/** What a report counts besides outcomes. */
export function countsOf(report: Report, warnings: BatchCounts['warnings']): BatchCounts {
  const { requests, heads, retries, throttles, conflicts } = report;
  return { requests, heads, retries, throttles, conflicts, warnings };
}

/** The return value of a job: short, and text that JSON does not grow. */
export interface PackedResult {
  readonly state: BatchState;
  readonly worker: string;
  /** Deflated JSON in base64. */
  readonly packed: string;
  /** Failures whose messages did not fit: the log of the worker has them. */
  readonly withoutMessage?: number;
}

type Row = readonly (number | string)[];

interface Unpacked {
  readonly texts: readonly string[];
  readonly rows: readonly (Row | 0)[];
  readonly errors: readonly PassedError[];
  readonly counts: BatchCounts;
  readonly error?: PassedError;
}

const ACTIONS: readonly OutcomeAction[] = ['put', 'copy', 'metadata', 'skip', 'delete', 'fail', 'unknown'];
const VERIFIED: readonly Verified[] = ['none', 'crc32', 'md5'];
const NUMBERS = ['takenOver', 'replacedBytes'] as const;
const TEXTS = ['way', 'contentType', 'cacheControl', 'contentEncoding'] as const;

/** What is left out to make a result fit, step by step. */
const STEPS = [
  { etags: true, errors: Number.POSITIVE_INFINITY, text: 4_000 },
  { etags: false, errors: Number.POSITIVE_INFINITY, text: 1_000 },
  { etags: false, errors: Number.POSITIVE_INFINITY, text: 200 },
  { etags: false, errors: 100, text: 200 },
  { etags: false, errors: 0, text: 200 },
] as const;
type Step = (typeof STEPS)[number];

/** Bytes of base64, below the bound by what is around it. */
const MOST_PACKED = MOST_RESULT_BYTES - 2 * 1024;
/** A result is read from the queue, where others may write. */
const MOST_UNPACKED = 64 * 1024 ** 2;

/**
 * Packs a result into at most 64 KiB: every outcome of 1,000 objects fits, with the messages of as many failures as there is space for. The others
 * keep their keys and codes.
 */
export function packResult({ state, worker, ...rest }: BatchResult): PackedResult {
  for (const step of STEPS) {
    const { value, cut } = unpackedOf(rest, step);
    const packed = deflateRawSync(JSON.stringify(value)).toString('base64');
    if (packed.length <= MOST_PACKED) return { state, worker, packed, ...(cut > 0 && { withoutMessage: cut }) };
  }
  throw new Error(`A result of ${rest.outcomes.length} objects does not fit into ${MOST_RESULT_BYTES} bytes.`);
}

function unpackedOf(
  { outcomes, counts, error }: Pick<BatchResult, 'outcomes' | 'counts' | 'error'>,
  step: Step,
): { readonly value: Unpacked; readonly cut: number } {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const errors: PassedError[] = [];
  let cut = 0;
  const textNumber = (text: string | undefined): number => {
    if (text === undefined) return -1;
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, texts.length);
    return texts.push(text) - 1;
  };
  const errorNumber = (thrown: Error): number => {
    const passed = passError(thrown, step.text);
    if (errors.length < step.errors) return errors.push(passed) - 1;
    cut += 1;
    const { kind, code, status } = passed;
    const message = `${code}: the log of the worker has the message`;
    const short: PassedError = { kind, code, message, ...(status !== undefined && { status }) };
    const at = errors.findIndex((one) => one.message === message);
    return at >= 0 ? at : errors.push(short) - 1;
  };
  const rows = outcomes.map((outcome): Row | 0 => {
    if (outcome === undefined) return 0;
    const failed = outcome.error === undefined ? -1 : errorNumber(outcome.error);
    return [
      ACTIONS.indexOf(outcome.action),
      // The reason of a failure is its message.
      failed < 0 ? textNumber(shorten(outcome.reason, step.text)) : -1,
      failed,
      outcome.bytes,
      outcome.sourceBytes,
      VERIFIED.indexOf(outcome.verified),
      outcome.attempts,
      Math.round(outcome.durationMs),
      step.etags ? (outcome.etag ?? '') : '',
      ...NUMBERS.map((name) => outcome[name] ?? -1),
      ...TEXTS.map((name) => textNumber(outcome[name])),
    ];
  });
  const warnings = counts.warnings.slice(0, 20).map(([code, text]) => [code, shorten(text, step.text)] as const);
  const value = { texts, rows, errors, counts: { ...counts, warnings }, ...(error !== undefined && { error }) };
  return { value, cut };
}

/** A result as the coordinator reads it. */
export interface TakenResult extends Omit<BatchResult, 'outcomes'> {
  /** In the order of the batch; undefined for an entry that was not attempted. */
  readonly outcomes: readonly (Outcome | undefined)[];
  readonly withoutMessage: number;
}

/** Reads a packed result of a batch; throws for one that is damaged. */
export function unpackResult(
  packed: PackedResult,
  { keys, origins }: { readonly keys: readonly string[]; readonly origins: readonly string[] },
): TakenResult {
  const raw = inflateRawSync(Buffer.from(packed.packed, 'base64'), { maxOutputLength: MOST_UNPACKED });
  const { texts, rows, errors, counts, error } = JSON.parse(raw.toString('utf8')) as Unpacked;
  const { state, worker, withoutMessage = 0 } = packed;
  // Whoever gives a batch back may not have read it.
  if (!Array.isArray(rows) || (rows.length !== keys.length && state !== 'back'))
    throw new Error('the result has another number of objects');
  const outcomes = rows.map((row, index) => {
    if (row === 0) return undefined;
    const key = keys[index] ?? '';
    return outcomeOf(key, origins[index] ?? key, row, texts, errors);
  });
  return { state, worker, outcomes, counts, withoutMessage, ...(error !== undefined && { error }) };
}

function outcomeOf(
  key: string,
  origin: string,
  row: Row,
  texts: readonly string[],
  errors: readonly PassedError[],
): Outcome {
  const number = (at: number): number => Number(row[at]);
  const failed = errors[number(2)];
  const error = failed === undefined ? undefined : takeError(failed);
  const etag = String(row[8]);
  const outcome: { -readonly [Name in keyof Outcome]: Outcome[Name] } = {
    key,
    origin,
    action: ACTIONS[number(0)] ?? 'unknown',
    reason: error?.message ?? texts[number(1)] ?? '',
    bytes: number(3),
    sourceBytes: number(4),
    ...(etag !== '' && { etag }),
    verified: VERIFIED[number(5)] ?? 'none',
    attempts: number(6),
    durationMs: number(7),
  };
  NUMBERS.forEach((name, index) => {
    if (number(9 + index) >= 0) outcome[name] = number(9 + index);
  });
  TEXTS.forEach((name, index) => {
    const text = texts[number(9 + NUMBERS.length + index)];
    if (text !== undefined) outcome[name] = text;
  });
  if (error !== undefined) outcome.error = error;
  return outcome;
}

/** The outcome of an object that no worker has reported. */
export function unreported(
  action: 'fail' | 'unknown',
  key: string,
  origin: string,
  size: number,
  error: Error,
): Outcome {
  const { message: reason } = error;
  return {
    action,
    reason,
    origin,
    key,
    bytes: 0,
    sourceBytes: size,
    verified: 'none',
    attempts: 0,
    durationMs: 0,
    error,
  };
}

/** An error with its texts as they are on the command line. @param longest characters of each text */
export function passError(error: Error, longest = 4_000): PassedError {
  const text = (field: 'message' | 'hint'): string | undefined => {
    const found = textIn(error, field);
    return found === undefined ? undefined : shorten(renderOptionNames(found, 'cli'), longest);
  };
  const hint = text('hint');
  const code: unknown = (error as NodeJS.ErrnoException).code;
  const common = {
    message: text('message') ?? '',
    code: typeof code === 'string' ? shorten(code, 200) : error.name,
    ...(hint !== undefined && { hint }),
  };
  if (error instanceof SourceError) return { kind: 'source', ...common };
  if (!(error instanceof S3RequestError)) return { kind: 'other', ...common };
  const { verb, bucket, status, requestId } = error;
  return {
    kind: 's3',
    ...common,
    verb,
    bucket,
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** The error again. */
export function takeError({ kind, message, code, ...details }: PassedError): S3RequestError | SourceError {
  const { hint, verb = '', bucket = '', status, requestId } = details;
  return kind === 's3'
    ? new S3RequestError(message, { code, verb, bucket, status, requestId, hint })
    : new SourceError(code, message, { hint });
}
