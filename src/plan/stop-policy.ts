import { S3RequestError } from '../errors.js';
import type { Outcome } from '../report/outcome.js';

/** Refusals that every later request would meet too. */
const SHARED: ReadonlySet<string> = new Set([
  'NoSuchBucket',
  'InvalidBucketName',
  'AllAccessDisabled',
  'AccountProblem',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'RequestTimeTooSkewed',
  'WrongRegion',
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'AccessControlListNotSupported',
  'AccessControlListDisabled',
]);
/** What ends the run only while nothing has worked yet: afterwards it is one object's bad luck. */
const SHARED_AT_FIRST =
  /^(ECONNREFUSED|ENOTFOUND|EPROTO|ERR_TLS_.*|ERR_SSL_.*|.*CERT.*|SELF_SIGNED.*|UNABLE_TO_VERIFY.*)$/;
/** Objects that may fail alike at the start of a run before it is clear that all would. */
const ALIKE_AT_FIRST = 8;
/** Objects that may be lost to a server in a row, after it has worked, before it counts as gone. */
const LOST_IN_A_ROW = 16;

/** Would every other request meet this error too? */
export function isShared(error: S3RequestError): boolean {
  return SHARED.has(error.code) || /ProviderError$/.test(error.code);
}

export interface StopPolicy {
  /** Takes the next outcome; gives the error that ends the run, if this outcome shows one. */
  readonly after: (outcome: Outcome) => S3RequestError | undefined;
  /** At the end of the run: the one refusal that all writes met, however few they were. */
  readonly atEnd: () => S3RequestError | undefined;
}

/** Watches outcomes for an error that all requests share, so that it is told once and not for each of 10,000 objects. */
export function stopPolicy(): StopPolicy {
  let succeeded = false;
  let failed = 0;
  let lostInARow = 0;
  let lastDenied: S3RequestError | undefined;
  const alike = new Map<string, number>();
  return {
    after({ action, error }) {
      if (action === 'put') {
        succeeded = true;
        lostInARow = 0;
      }
      if (action === 'fail') failed += 1;
      if (!(error instanceof S3RequestError)) return undefined;
      if (isShared(error) || (!succeeded && SHARED_AT_FIRST.test(error.code))) return error;
      const count = (alike.get(error.code) ?? 0) + 1;
      alike.set(error.code, count);
      if (error.code === 'AccessDenied') lastDenied = error;
      // Each has had all its tries: no answer, or none but 5xx.
      if ((error.status ?? 500) >= 500 && ++lostInARow >= LOST_IN_A_ROW) return error;
      return !succeeded && count >= ALIKE_AT_FIRST ? error : undefined;
    },
    atEnd: () => (!succeeded && alike.get('AccessDenied') === failed ? lastDenied : undefined),
  };
}
