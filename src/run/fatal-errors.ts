import { S3RequestError } from '../errors.js';
import { errorCode } from '../model/error-codes.js';
import { isNeeded } from '../model/verbs.js';
import { textIn } from '../report/message.js';
import { isUnchanged, REASONS } from '../report/reasons.js';
import type { Outcome } from '../report/types.js';

/** Whether a skip is based on a response of the server; other skips are based on the source alone. */
const isFromServer = (reason: string): boolean =>
  isUnchanged(reason) ||
  reason === REASONS.exists ||
  reason === REASONS.appeared ||
  reason === REASONS.changedBeforeDelete;
/** How many failures of one kind mean that the server is at fault, not the objects. Each object has used all its attempts. */
const LIMITS = {
  /** Denied writes before any was allowed. */
  denied: 8,
  /** Objects whose writes got a response that is not from S3, or were stored corrupted, before any was stored correctly. */
  corrupted: 8,
  /** Objects in a row without a response: before the server has worked, and after. */
  unreached: 8,
  unreachedLater: 16,
  /** Objects in a row with status 5xx. A server may always fail for some keys, so this takes many. */
  serverError: 100,
} as const;

/** Whether every other request would fail with this error too. @internal */
export function endsEveryRun(error: S3RequestError): boolean {
  return errorCode(error.code).endsRun === 'always';
}

export interface StopPolicy {
  /** Takes the next outcome; returns the error that ends the run, if this outcome shows one. */
  readonly after: (outcome: Outcome) => S3RequestError | undefined;
  /** At the end of the run: the refusal that all writes had in common, however few they were. */
  readonly atEnd: () => S3RequestError | undefined;
  /**
   * Whether the outcome that was just taken is a failure of which it is still open whether it ends the run. Then the outcomes are kept back until
   * a later one decides, so that an error that ends the run is shown once.
   */
  readonly isOpen: (outcome: Outcome) => boolean;
}

type FailureKind = 'denied' | 'corrupted' | 'unreached' | 'serverError' | 'refused';

/**
 * Watches outcomes for an error that all requests share, so that it is reported once and not for each of 10,000 objects. Refusals of single objects
 * (4xx) never end a run, however many there are.
 */
export function stopPolicy(): StopPolicy {
  let written = false;
  let working = false;
  let failed = 0;
  let lastDenied: S3RequestError | undefined;
  const count: Record<FailureKind, number> = { denied: 0, corrupted: 0, unreached: 0, serverError: 0, refused: 0 };

  /** Records that the server works. A skip is based on an earlier listing, which proves nothing about connections now. */
  function recordWorking(by: 'put' | 'skip' | 'refusal'): void {
    working = true;
    count.serverError = 0;
    if (by !== 'skip') count.unreached = 0;
    if (by === 'put') written = true;
  }

  function isLimit(kind: FailureKind): boolean {
    const seen = ++count[kind];
    if (kind === 'denied' || kind === 'corrupted') return !written && seen >= LIMITS[kind];
    if (kind === 'unreached') return seen >= (working ? LIMITS.unreachedLater : LIMITS.unreached);
    return kind === 'serverError' && seen >= LIMITS.serverError;
  }

  /** Whether more failures of a kind would end the run. */
  function counts(kind: FailureKind): boolean {
    if (kind === 'denied' || kind === 'corrupted') return !written;
    return kind !== 'refused' && count[kind] > 0;
  }

  return {
    isOpen: ({ action, error }) => action === 'fail' && error instanceof S3RequestError && counts(kindOf(error)),
    after({ action, reason, error }) {
      if (action === 'put' || action === 'copy' || action === 'delete') recordWorking('put');
      if (action === 'skip' && isFromServer(reason)) recordWorking('skip');
      if (action === 'fail') failed += 1;
      if (!(error instanceof S3RequestError)) return undefined;
      if (endsEveryRun(error) || (!working && isSharedAtFirst(error))) return error;
      const kind = kindOf(error);
      if (kind === 'denied') lastDenied = error;
      if (kind === 'denied' || kind === 'refused') recordWorking('refusal');
      return isLimit(kind) ? error : undefined;
    },
    // If all failures are denied writes and none was allowed, that is one shared refusal too, even if there are too few to end a run.
    atEnd: () =>
      !written && count.denied === failed && lastDenied !== undefined ? noneAllowed(lastDenied) : undefined,
  };
}

/** The shared refusal without a key, because it is shown once for all objects that met it. */
function noneAllowed(error: S3RequestError): S3RequestError {
  const { verb, bucket, code, status, ...rest } = error;
  const message = `${verb} s3://${bucket}: ${code} (${status}): no write was allowed`;
  return new S3RequestError(message, {
    ...rest,
    verb,
    bucket,
    code,
    status,
    hint: textIn(error, 'hint'),
    key: undefined,
  });
}

/** Whether an error is shared while nothing has worked. */
function isSharedAtFirst({ code, status }: S3RequestError): boolean {
  const { endsRun, endsRunWith = status } = errorCode(code);
  return endsRun === 'at first' && endsRunWith === status;
}

function kindOf({ code, status, verb }: S3RequestError): FailureKind {
  if (code === 'AccessDenied' && isNeeded(verb)) return 'denied';
  if (status === undefined) return 'unreached';
  if (status < 400 || errorCode(code).corrupted === true) return 'corrupted';
  return status < 500 ? 'refused' : 'serverError';
}
