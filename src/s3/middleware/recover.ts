import { S3RequestError } from '../../errors.js';
import { errorCode } from '../../model/error-codes.js';
import type { OnEvent } from '../../report/types.js';
import type { Bucket } from '../bucket.js';
import type { Session } from '../session.js';
import type { SigningCredentials } from '../sign.js';
import { wrap } from '../verbs.js';

/** S3 refuses what was signed more than 15 minutes off; a HEAD does not say so, and less than 5 is nobody's fault. */
const SKEW_MS = 5 * 60_000;
/** A refusal so near to the end of the credentials may be their end, where the answer has no body to say so. */
const NEAR_EXPIRY_MS = 60_000;

/** What a request was sent with, so that a refusal of the old is not taken for one of the new. */
interface SentWith {
  readonly credentials: SigningCredentials | undefined;
  readonly region: string;
  readonly now: number;
  readonly at: number;
}

export interface RecoveryOptions {
  readonly session: Session;
  readonly onEvent: OnEvent;
  /** Whether requests may be sent to another region than the one that was asked for. */
  readonly mayMove: boolean;
}

/**
 * A bucket that mends what a refusal itself tells how to mend: expired credentials are asked for anew, a bucket in another region is gone after,
 * a clock that is off is corrected by the server's. What was mended is thrown with a code that has it tried again; each is mended once.
 */
export function withRecovery(bucket: Bucket, { session, onEvent, mayMove }: RecoveryOptions): Bucket {
  let moving: Promise<void> | undefined;
  let clockSet = false;
  let nearExpirySeen = false;

  async function mended<T>(send: () => Promise<T>): Promise<T> {
    const sentWith: SentWith = {
      credentials: session.known,
      region: session.region,
      now: session.now(),
      at: performance.now(),
    };
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof S3RequestError)) throw error;
      if (!(await mend(error, sentWith))) throw error;
      throw new S3RequestError(error.message, { ...error, code: 'Mended', cause: error });
    }
  }

  async function mend(error: S3RequestError, sentWith: SentWith): Promise<boolean> {
    const renew = () => session.renewed(sentWith.credentials ?? session.known);
    if (errorCode(error.code).expired === true) return renew();
    if (error.code === 'WrongRegion') return move(error, sentWith.region);
    if (isSkew(error, sentWith)) return setClock(error, sentWith);
    return isNearExpiry(error) && renew();
  }

  async function move({ region, bucket: name }: S3RequestError, sentTo: string): Promise<boolean> {
    if (!mayMove || region === undefined || region === sentTo) return false;
    // All that were under way go along with the first that was told; who is sent on from there is lost.
    if (session.region === sentTo) {
      moving ??= session.moveTo(region).then(() => {
        const message = `The bucket "${name}" is in ${region}, not in ${sentTo}: set region to "${region}" to save the detour.`;
        onEvent({ type: 'warning', code: 'wrong-region', message });
      });
      await moving;
    }
    return session.region !== sentTo;
  }

  function isSkew(error: S3RequestError, sentWith: SentWith): boolean {
    if (error.serverTime === undefined) return false;
    if (error.code === 'RequestTimeTooSkewed') return true;
    const bodiless = error.verb === 'HeadObject' && (error.status === 400 || error.status === 403);
    return bodiless && Math.abs(error.serverTime - sentWith.now) > SKEW_MS;
  }

  function setClock({ serverTime = 0 }: S3RequestError, sentWith: SentWith): boolean {
    // Set meanwhile by another request: then this one was signed by the old clock.
    const elapsed = performance.now() - sentWith.at;
    if (Math.abs(session.now() - sentWith.now - elapsed) > SKEW_MS / 2) return true;
    if (clockSet) return false;
    clockSet = true;
    session.setNow(serverTime);
    return true;
  }

  function isNearExpiry({ verb, status }: S3RequestError): boolean {
    if (verb !== 'HeadObject' || (status !== 400 && status !== 403) || nearExpirySeen) return false;
    const near = (session.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now() < NEAR_EXPIRY_MS;
    nearExpirySeen = near;
    return near;
  }

  return wrap(bucket, (_call, send) => mended(send));
}
