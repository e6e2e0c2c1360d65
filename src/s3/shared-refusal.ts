import type { S3RequestError } from '../errors.js';

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

/** Would every other request meet this error too? */
export function isShared(error: S3RequestError): boolean {
  return SHARED.has(error.code) || /ProviderError$/.test(error.code);
}
