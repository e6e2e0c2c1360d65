import { S3RequestError } from '../errors.js';
import { errorCode } from '../model/error-codes.js';
import { isNeeded } from '../model/verbs.js';
import { isUnchanged, REASONS } from '../report/reasons.js';
import type { Outcome } from '../report/types.js';

/** Skips that rest on what the server has answered; others are the source's. */
const isProved = (reason: string): boolean =>
  isUnchanged(reason) || reason === REASONS.exists || reason === REASONS.appeared;
/** So many of one kind of loss are the server's, not the objects'. Each object has had all its tries. */
const LIMITS = {
  /** Writes denied before any was allowed. */
  denied: 8,
  /** Objects whose writes were answered by no S3, or as something else than what was sent, before any was as it should. */
  garbled: 8,
  /** Objects in a row without an answer, while the server has not worked yet, and after it has. */
  unreached: 8,
  unreachedLater: 16,
  /** Objects in a row answered 5xx. A server may fail for some keys for ever, so it takes many. */
  lost: 100,
} as const;

/** Would every other request meet this error too? @internal */
export function endsEveryRun(error: S3RequestError): boolean {
  return errorCode(error.code).endsRun === 'always';
}

export interface StopPolicy {
  /** Takes the next outcome; gives the error that ends the run, if this outcome shows one. */
  readonly after: (outcome: Outcome) => S3RequestError | undefined;
  /** At the end of the run: the one refusal that all writes met, however few they were. */
  readonly atEnd: () => S3RequestError | undefined;
}

type Loss = 'denied' | 'garbled' | 'unreached' | 'lost' | 'refused';

/**
 * Watches outcomes for an error that all requests share, so that it is told once and not for each of 10,000 objects. What an object is refused
 * for its own sake (4xx) never ends a run, however many there are.
 */
export function stopPolicy(): StopPolicy {
  let written = false;
  let working = false;
  let failed = 0;
  let lastDenied: S3RequestError | undefined;
  const count: Record<Loss, number> = { denied: 0, garbled: 0, unreached: 0, lost: 0, refused: 0 };

  /** The server does its work. A skip rests on an earlier listing, which tells nothing about connections now. */
  function works(by: 'put' | 'skip' | 'refusal'): void {
    working = true;
    count.lost = 0;
    if (by !== 'skip') count.unreached = 0;
    if (by === 'put') written = true;
  }

  function isLimit(loss: Loss): boolean {
    const seen = ++count[loss];
    if (loss === 'denied' || loss === 'garbled') return !written && seen >= LIMITS[loss];
    if (loss === 'unreached') return seen >= (working ? LIMITS.unreachedLater : LIMITS.unreached);
    return loss === 'lost' && seen >= LIMITS.lost;
  }

  return {
    after({ action, reason, error }) {
      if (action === 'put' || action === 'copy') works('put');
      if (action === 'skip' && isProved(reason)) works('skip');
      if (action === 'fail') failed += 1;
      if (!(error instanceof S3RequestError)) return undefined;
      if (endsEveryRun(error) || (!working && isSharedAtFirst(error))) return error;
      const loss = lossOf(error);
      if (loss === 'denied') lastDenied = error;
      if (loss === 'denied' || loss === 'refused') works('refusal');
      return isLimit(loss) ? error : undefined;
    },
    // Fewer writes than it takes to end a run, and none was allowed: that is one refusal too, whatever was skipped.
    atEnd: () =>
      !written && count.denied === failed && lastDenied !== undefined ? noneAllowed(lastDenied) : undefined,
  };
}

/** The objects have told it by name already. */
function noneAllowed({ verb, bucket, code, status, hint, ...rest }: S3RequestError): S3RequestError {
  const message = `${verb} s3://${bucket}: ${code} (${status}): no write was allowed`;
  return new S3RequestError(message, { ...rest, verb, bucket, code, status, hint, key: undefined });
}

/** A page with status 200 is no refusal of an object, as one with status 403 may be that a firewall answers. */
function isSharedAtFirst({ code, status }: S3RequestError): boolean {
  return errorCode(code).endsRun === 'at first' || (code === NOT_S3 && status === 200);
}

const NOT_S3 = 'NotAnS3Answer';

function lossOf({ code, status, verb }: S3RequestError): Loss {
  if (code === 'AccessDenied' && isNeeded(verb)) return 'denied';
  if (status === undefined) return 'unreached';
  if (status < 400 || code === NOT_S3) return 'garbled';
  return status < 500 ? 'refused' : 'lost';
}
