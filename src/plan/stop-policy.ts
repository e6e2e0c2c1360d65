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
const DENIED_WRITES = 8;

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
  let denied = 0;
  let failed = 0;
  let lastDenied: S3RequestError | undefined;
  return {
    after({ action, error }) {
      if (action === 'put') succeeded = true;
      if (action === 'fail') failed += 1;
      if (!(error instanceof S3RequestError)) return undefined;
      if (isShared(error) || (!succeeded && SHARED_AT_FIRST.test(error.code))) return error;
      if (error.code !== 'AccessDenied') return undefined;
      denied += 1;
      lastDenied = error;
      return !succeeded && denied >= DENIED_WRITES ? error : undefined;
    },
    atEnd: () => (!succeeded && failed > 0 && denied === failed ? lastDenied : undefined),
  };
}
