import { S3RequestError } from '../../errors.js';
import { errorCode } from '../../model/error-codes.js';
import { hintFor } from '../../model/hints.js';
import type { Verb } from '../../model/verbs.js';
import { msg, textIn, warning } from '../../report/message.js';
import type { OnEvent } from '../../report/types.js';
import type { Session } from '../session.js';
import type { SigningCredentials } from '../sign.js';

/**
 * S3 refuses signatures whose time is more than 15 minutes off. The response to a HEAD has no body to say so, so a difference above 5 minutes counts.
 */
const SKEW_MS = 5 * 60_000;
/** A refused HEAD this close to the expiry of the credentials may mean that they have expired: its response has no body to say so. */
const NEAR_EXPIRY_MS = 60_000;

/** What a request was sent with, so that a refusal of old credentials, region or clock is not blamed on the new ones. */
export interface SentWith {
  readonly credentials: SigningCredentials | undefined;
  readonly region: string;
  readonly now: number;
  readonly at: number;
}

export interface RecoveryOptions {
  readonly session: Session;
  readonly onEvent: OnEvent;
  /** Whether to follow the bucket to another region than the configured one. */
  readonly followsRegion: boolean;
}

/** Recovers from refusals that name their own fix. */
export interface Recovery {
  /** What a request that is sent now is sent with. */
  sentWith(): SentWith;
  /** Recovers where that is possible. Returns the error to throw. */
  errorAfter(error: S3RequestError, sentWith: SentWith): Promise<S3RequestError>;
}

/**
 * Recovers from refusals that name their own fix: expired credentials are refreshed, a bucket in another region is followed, and the
 * clock is corrected by the server's. After a recovery the error is thrown with a code that makes the retry middleware send the request again. Each
 * recovery happens once.
 */
export function recovery({ session, onEvent, followsRegion }: RecoveryOptions): Recovery {
  let regionChange: Promise<void> | undefined;
  let clockSet = false;
  let nearExpirySeen = false;

  async function errorAfter(error: S3RequestError, sentWith: SentWith): Promise<S3RequestError> {
    if (await recover(error, sentWith))
      return new S3RequestError(error.message, { ...error, hint: textIn(error, 'hint'), code: 'Mended', cause: error });
    return regionChange === undefined ? redirectedWithin(sentWith.region, error) : error;
  }

  async function recover(error: S3RequestError, sentWith: SentWith): Promise<boolean> {
    const refresh = () => session.refresh(sentWith.credentials ?? session.latest);
    if (errorCode(error.code).expired === true) return refresh();
    if (error.code === 'WrongRegion') return followRegion(error, sentWith.region);
    if (isSkew(error, sentWith)) return setClock(error, sentWith);
    return isNearExpiry(error) && refresh();
  }

  async function followRegion({ region, bucket: name }: S3RequestError, sentRegion: string): Promise<boolean> {
    if (!followsRegion || region === undefined || region === sentRegion) return false;
    // Requests in flight share the first redirect. A second redirect is an error.
    if (session.region === sentRegion) {
      regionChange ??= session.moveTo(region).then(
        () => {
          const message = msg`The bucket "${name}" is in ${region}, not in ${sentRegion}: set {region} to "${region}" to save the detour.`;
          onEvent(warning('wrong-region', message));
        },
        // AWS has no such region. The refusal names it, and is the error.
        () => {},
      );
      await regionChange;
    }
    return session.region !== sentRegion;
  }

  function isSkew(error: S3RequestError, sentWith: SentWith): boolean {
    if (error.serverTime === undefined) return false;
    if (error.code === 'RequestTimeTooSkewed') return true;
    const hasNoBody = error.verb === 'HeadObject' && (error.status === 400 || error.status === 403);
    return hasNoBody && Math.abs(error.serverTime - sentWith.now) > SKEW_MS;
  }

  function setClock({ serverTime = 0 }: S3RequestError, sentWith: SentWith): boolean {
    // If another request has set the clock meanwhile, this one was signed by the old clock.
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

  return {
    sentWith: () => ({
      credentials: session.latest,
      region: session.region,
      now: session.now(),
      at: performance.now(),
    }),
    errorAfter,
  };
}

/** A redirect to the region that the request was signed for is no wrong region: the server is another one. */
function redirectedWithin(region: string, error: S3RequestError): S3RequestError {
  const { status = 0, bucket, verb } = error;
  if (error.code !== 'WrongRegion' || error.region !== region || status < 300 || status >= 400) return error;
  const code = status === 307 ? 'TemporaryRedirect' : 'PermanentRedirect';
  const hint = hintFor({ code, bucket, region, verb: verb as Verb });
  return new S3RequestError(error.message.replace('WrongRegion', code), { ...error, code, hint });
}
