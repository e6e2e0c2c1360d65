/** What the engine tells of a server that does as S3 does. `engine-refusals.ts` asks. */
export const ENGINE_FACTS = {
  'a wrong secret ends the run': 'RunStoppedError SignatureDoesNotMatch',
  'an unknown access key ends the run': 'RunStoppedError InvalidAccessKeyId',
  'a bucket that is not there ends the run': 'RunStoppedError NoSuchBucket',
  'an ACL in a bucket that allows ACLs': 'put',
  'a file name of 255 bytes': 'put',
} as const;
