/** What a hint can draw on. */
export interface Refusal {
  readonly code: string;
  readonly bucket: string;
  readonly region: string | undefined;
  readonly verb: string;
}

/** Permission that each verb needs, by its IAM name. */
const PERMISSION: Readonly<Record<string, string>> = {
  PutObject: 's3:PutObject (and s3:PutObjectAcl where an ACL is sent)',
  CopyObject:
    's3:PutObject (and s3:PutObjectTagging, s3:PutObjectAcl where the copy has tags or an ACL), and s3:GetObject and s3:GetObjectTagging on the source,',
  UploadPartCopy: 's3:PutObject, and s3:GetObject on the source,',
  GetObject: 's3:GetObject',
  GetObjectTagging: 's3:GetObjectTagging',
  GetObjectAcl: 's3:GetObjectAcl',
  HeadObject: 's3:GetObject and s3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  CreateMultipartUpload: 's3:PutObject (and s3:PutObjectAcl where an ACL is sent)',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListParts: 's3:ListMultipartUploadParts',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
};

type Hint = (refusal: Refusal) => string;

const HINTS: Readonly<Record<string, Hint>> = {
  AccessDenied: ({ verb, bucket }) =>
    `The credentials lack ${PERMISSION[verb] ?? verb} on "${bucket}", or the bucket's policy denies it. A bucket whose requester pays needs requestPayer; expectedBucketOwner, or for the source of a copy expectedSourceBucketOwner, must name the account that owns the bucket where it is given.`,
  AccessControlListNotSupported: ({ bucket }) =>
    `ACLs are disabled on "${bucket}" (Object Ownership: bucket owner enforced). Leave the acl option and grant headers out; use a bucket policy instead.`,
  NoSuchBucket: ({ bucket }) =>
    `There is no bucket "${bucket}" at this endpoint. Check its name, and endpointUrl where one is given.`,
  InvalidAccessKeyId: () => 'S3 does not know this access key. Check AWS_ACCESS_KEY_ID, the profile, and endpointUrl.',
  SignatureDoesNotMatch: () =>
    'The secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY for missing characters.',
  InvalidToken: () => 'The session token does not belong to the access key. Check AWS_SESSION_TOKEN.',
  ExpiredToken: () => 'The session has expired. Get new credentials and run again.',
  RequestTimeTooSkewed: () => "This machine's clock is more than 15 minutes off. Set it, for example by NTP.",
  WrongRegion: ({ bucket, region }) => `The bucket "${bucket}" is in ${region}. Set region to "${region}".`,
  AuthorizationHeaderMalformed: () =>
    'The region that requests are signed for is not the one this server expects. Set region.',
  CredentialsProviderError: () =>
    'No credentials could be had. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile, or use a role.',
  ECONNREFUSED: () => 'Nothing listens at this endpoint. Check endpointUrl and that the server runs.',
  ENOTFOUND: () =>
    'The host name does not resolve. Check endpointUrl, region and bucket; a server without virtual hosts needs forcePathStyle.',
  EPROTO: () => 'The endpoint does not speak TLS. Use an http:// endpoint, or secure: false.',
  SelfSignedCertificate: () => "Node does not trust the endpoint's certificate. Name its CA in NODE_EXTRA_CA_CERTS.",
  EntityTooLarge: () => 'S3 takes at most 5 GiB in one put.',
  KeyTooLongError: () => 'A key has at most 1,024 bytes of UTF-8.',
  InvalidArgument: () => 'The server does not take one of the headers; its message says which.',
  NotImplemented: () => 'This server does not implement something that the request asks for.',
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/;

/** The fix for a refusal, where it is known. */
export function hintFor(refusal: Refusal): string | undefined {
  const hint = HINTS[refusal.code] ?? (CERTIFICATE.test(refusal.code) ? HINTS.SelfSignedCertificate : undefined);
  return hint?.(refusal);
}
