/** What the engine reports about a server that behaves as S3 does, checked by `engine/refusals.ts`. */
export const ENGINE_FACTS = {
  'a wrong secret ends the run': 'RunStoppedError SignatureDoesNotMatch',
  'an unknown access key ends the run': 'RunStoppedError InvalidAccessKeyId',
  'a bucket that is not there ends the run': 'RunStoppedError NoSuchBucket',
  'an ACL in a bucket that allows ACLs': 'put',
  'a file name of 255 bytes': 'put',
} as const;
