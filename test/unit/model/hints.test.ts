import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_CODES } from '../../../src/model/error-codes.js';
import type { Failure, HintRow, HintSettings } from '../../../src/model/hint-row.js';
import { HINTS, hintFor, hintRow, plainWords } from '../../../src/model/hints.js';
import { renderOptionNames } from '../../../src/options/names.js';

type Sample = readonly [
  code: string,
  verb: Failure['verb'],
  message: string,
  expected: RegExp,
  settings?: HintSettings | undefined,
];

const HERE: HintSettings = { endpointUrl: 'https://s3.example.com' };
const PLAIN: HintSettings = { endpointUrl: 'https://localhost:9000' };
const PROXY: HintSettings = { proxy: 'http://proxy:3128' };
const WRONG_VERSION =
  'write EPROTO 80C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/ssl3_record.c:354:\n';

/** What servers and systems say, and what the hint must say. One for each row at least. */
const SAMPLES: readonly Sample[] = [
  // Files of this machine.
  ['EACCES', 'read', 'EACCES: permission denied, open', /right to read/],
  ['EPERM', 'spool', 'EPERM: operation not permitted, mkdtemp', /TMPDIR/],
  ['ENOENT', 'read', 'ENOENT: no such file or directory, open', /removed or renamed/],
  ['ENOENT', 'spool', 'ENOENT: no such file or directory, mkdtemp', /Create it.*TMPDIR/],
  ['ENOENT', 'write', 'ENOENT: no such file or directory, open', /Create the folder/],
  ['EMFILE', 'read', 'EMFILE: too many open files, open', /ulimit -n.*concurrency/],
  ['ENFILE', 'write', 'ENFILE: file table overflow', /ulimit -n/],
  ['ENOSPC', 'spool', 'ENOSPC: no space left on device, write', /Make room.*TMPDIR/],
  ['EDQUOT', 'write', 'EDQUOT: disk quota exceeded, write', /Make room on that disk/],
  ['EROFS', 'write', 'EROFS: read-only file system, open', /can be written/],
  ['EFBIG', 'spool', 'EFBIG: file too large, write', /ulimit -f/],
  ['ENAMETOOLONG', 'read', 'ENAMETOOLONG: name too long, open', /Shorten/],
  ['EISDIR', 'read', 'EISDIR: illegal operation on a directory, read', /as a source/],
  ['EISDIR', 'write', 'EISDIR: illegal operation on a directory, open', /Name a file/],
  ['ENOTDIR', 'read', 'ENOTDIR: not a directory, open', /replaced a folder/],
  ['ELOOP', 'read', 'ELOOP: too many symbolic links encountered, open', /symlinks: 'skip'/],
  ['EIO', 'read', 'EIO: i/o error, read', /check it/],
  ['ESTALE', 'read', 'ESTALE: stale file handle, read', /Mount/],
  ['ETIMEDOUT', 'read', 'ETIMEDOUT: connection timed out, read', /network file system/],
  ['EBUSY', 'read', 'EBUSY: resource busy or locked, open', /that program has finished/],
  ['ENXIO', 'read', 'ENXIO: no such device or address, open', /socket or a device/],
  ['EINVAL', 'read', 'EINVAL: invalid argument, read', /special file/],
  ['ENOMEM', 'read', 'ENOMEM: not enough memory, read', /memory or concurrency/],

  // Credentials.
  [
    'CredentialsProviderError',
    'PutObject',
    'Profile prod requires multi-factor authentication, but no MFA code callback was provided.',
    /export-credentials --profile prod/,
  ],
  [
    'CredentialsProviderError',
    'PutObject',
    'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login.',
    /^Run aws sso login --profile prod/,
    { profile: 'prod' },
  ],
  ['CredentialsProviderError', 'PutObject', 'Your login session has expired', /^Run aws login/],
  [
    'CredentialsProviderError',
    'PutObject',
    'The credential_process of the profile "prod" failed: Command failed: vault',
    /"Version": 1/,
  ],
  [
    'CredentialsProviderError',
    'PutObject',
    'The source_profile "base" of "prod" does not exist',
    /source_profile must/,
  ],
  ['CredentialsProviderError', 'PutObject', 'The profile "prod" does not exist; they hold mfa', /AWS_PROFILE/],
  [
    'CredentialsProviderError',
    'PutObject',
    'The sso_session of the profile "prod" names no section [sso-session …] of the AWS config file',
    /^Run aws configure sso/,
  ],
  [
    'CredentialsProviderError',
    'PutObject',
    'Unsupported credential source in profile prod. Got Environmentt, expected Environment.',
    /^Correct credential_source/,
  ],
  [
    'CredentialsProviderError',
    'PutObject',
    'Profile is configured with invalid SSO credentials. Required parameters "sso_account_id"',
    /^Correct the entries of SSO/,
  ],
  ['CredentialsProviderError', 'PutObject', 'AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not', /^Set both/],
  ['CredentialsProviderError', 'PutObject', 'The profile "prod" holds no credentials', /aws_access_key_id/],
  [
    'CredentialsProviderError',
    'PutObject',
    'AWS_SECRET_ACCESS_KEY has a line break between its first',
    /Store it again/,
  ],
  [
    'CredentialsProviderError',
    'PutObject',
    'the function that is given as credentials returned nothing',
    /^It must give an object with accessKeyId/,
  ],
  ['CredentialsProviderError', 'PutObject', 'Web identity token file is empty', /AWS_WEB_IDENTITY_TOKEN_FILE/],
  ['CredentialsProviderError', 'PutObject', 'The role arn:aws:iam::1:role/x could not be assumed', /trust policy/],
  ['CredentialsProviderError', 'PutObject', 'credential has expired', /have expired/],
  [
    'CredentialsProviderError',
    'PutObject',
    'Could not load credentials from any providers',
    /^No credentials were found/,
  ],
  ['TokenProviderError', 'PutObject', 'the token service is down', /^Correct that.*AWS_ACCESS_KEY_ID/],

  // Connections.
  [
    'TruncatedAnswer',
    'ListObjectsV2',
    'ListObjectsV2 s3://b: the response cannot be read: &foo; is not an entity of XML',
    /not one of S3/,
  ],
  ['EMFILE', 'PutObject', 'connect EMFILE 127.0.0.1:9000', /ulimit -n/],
  ['EADDRNOTAVAIL', 'PutObject', 'connect EADDRNOTAVAIL 127.0.0.1:9000', /no local port/],
  ['ECONNREFUSED', 'PutObject', 'connect ECONNREFUSED 127.0.0.1:3128', /HTTPS_PROXY.*NO_PROXY/, PROXY],
  ['ECONNREFUSED', 'PutObject', 'connect ECONNREFUSED 127.0.0.1:9000', /endpointUrl/],
  [
    'ECONNREFUSED',
    'PutObject',
    'connect ECONNREFUSED 127.0.0.1:9000',
    /http:\/\/127\.0\.0\.1:9000 is that of AWS_ENDPOINT_URL_S3/,
    { endpointUrl: 'http://127.0.0.1:9000', endpointOfEnvironment: true },
  ],
  ['ENOTFOUND', 'PutObject', 'getaddrinfo ENOTFOUND proxy', /proxy.*endpointUrl/, PROXY],
  ['ENOTFOUND', 'PutObject', 'getaddrinfo ENOTFOUND site.s3.example.com', /forcePathStyle/],
  ['EAI_AGAIN', 'PutObject', 'getaddrinfo EAI_AGAIN s3.example.com', /name server/],
  ['ENETUNREACH', 'PutObject', 'connect ENETUNREACH 10.0.0.1:443', /VPN/],
  ['ConnectTimeout', 'PutObject', 's3.example.com did not accept a connection in time', /firewall.*proxy/],
  ['ECONNRESET', 'PutObject', 'read ECONNRESET', /closes connections early/],
  ['StalledSend', 'PutObject', 'no progress for 10 s', /stands still/],
  ['SilentServer', 'PutObject', 'no response for 30 s', /does not respond/],
  ['MalformedAnswer', 'PutObject', 'Expected HTTP/', /does not speak HTTP/],
  ['EPROTO', 'PutObject', WRONG_VERSION, /endpointUrl: 'http:\/\/localhost:9000'.*secure: false/, PLAIN],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'PutObject', WRONG_VERSION, /does not speak TLS/],
  ['EPROTO', 'PutObject', 'SSL routines:ssl3_read_bytes:sslv3 alert handshake failure', /in common/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'PutObject', "Hostname/IP does not match certificate's altnames", /another host/],
  ['CERT_HAS_EXPIRED', 'PutObject', 'certificate has expired', /has expired. Renew/],
  ['CERT_NOT_YET_VALID', 'PutObject', 'certificate is not yet valid', /not valid yet/],
  ['CERT_REVOKED', 'PutObject', 'certificate revoked', /is revoked/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'PutObject', 'self-signed certificate', /NODE_EXTRA_CA_CERTS/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'PutObject', 'unable to verify the first certificate', /NODE_EXTRA_CA_CERTS/],
  ['EPROTO', 'PutObject', 'write EPROTO', /http:\/\/ endpoint/],
  ['ERR_SSL_BAD_RECORD_TYPE', 'PutObject', 'bad record type', /TLS with the endpoint failed/],
  ['ProxyRefused', 'PutObject', 'the proxy p:1 responded with 407 to CONNECT s3', /user and a password/],
  ['ProxyRefused', 'PutObject', 'the proxy p:1 responded with 403 to CONNECT s3', /rules of the proxy/],
  ['ProxyRefused', 'PutObject', 'the proxy p:1 responded with 502 to CONNECT s3', /does not reach/],
  ['ERR_INVALID_CHAR', 'PutObject', 'Invalid character in header content ["authorization"]', /line breaks/],

  // Pages.
  ['NotAnS3Answer', 'PutObject', '<title>413 Request Entity Too Large</title>', /client_max_body_size/],
  ['ContentTooLarge', 'UploadPart', '', /partSize.*client_max_body_size/],
  ['UriTooLong', 'PutObject', '<h1>414 Request-URI Too Large</h1>', /length of addresses/],
  ['HeadersTooLarge', 'PutObject', '', /Shorten metadata/],
  ['ProxyAuthenticationRequired', 'PutObject', 'ERR_CACHE_ACCESS_DENIED', /user:password@host/],
  ['NotAnS3Answer', 'PutObject', 'Client sent an HTTP request to an HTTPS server.', /https:\/\//],
  ['NotAnS3Answer', 'PutObject', '400 The plain HTTP request was sent to HTTPS port', /speaks TLS/],
  ['NotAnS3Answer', 'PutObject', '<h1>405 Method Not Allowed</h1>', /website or a CDN/],
  ['NotAnS3Answer', 'ListObjectsV2', '<title>MinIO Console</title>', /port of a Console.*9000/],
  ['NotAnS3Answer', 'ListObjectsV2', '<html>', /9001.*9000/, { endpointUrl: 'http://minio:9001' }],
  ['NotAnS3Answer', 'PutObject', 'Attention Required! | Cloudflare', /firewall/],
  ['NotAnS3Answer', 'PutObject', '<html>Please log in</html>', /login page/],

  // Keys, sessions and permissions.
  ['InvalidAccessKeyId', 'PutObject', 'Malformed Access Key Id', /application key/],
  [
    'InvalidAccessKeyId',
    'PutObject',
    'Your account is disabled; please contact your administrator',
    /no longer accepts/,
  ],
  ['InvalidAccessKeyId', 'PutObject', 'The AWS Access Key Id does not exist', /s3\.example\.com does not know/, HERE],
  ['InvalidAccessKeyId', 'PutObject', 'The AWS Access Key Id you provided does not exist', /^S3 does not know/],
  ['InvalidClientTokenId', 'PutObject', 'The security token included in the request is invalid', /^S3 does not know/],
  ['SignatureDoesNotMatch', 'PutObject', 'The request signature we calculated does not match', /header Host/, HERE],
  ['SignatureDoesNotMatch', 'PutObject', 'The request signature we calculated does not match', /AWS_SECRET_ACCESS_KEY/],
  ['InvalidToken', 'PutObject', 'The provided token is malformed or otherwise invalid.', /AWS_SESSION_TOKEN/],
  ['ExpiredToken', 'PutObject', 'The provided token has expired.', /^The session has expired/],
  ['AccessDenied', 'PutObject', 'Request has expired', /clock differs/],
  ['RequestTimeTooSkewed', 'PutObject', '', /15 minutes/],
  [
    'AuthorizationHeaderMalformed',
    'PutObject',
    'a non-empty Access Key (AKID) must be provided',
    /access key is empty/,
  ],
  [
    'AuthorizationHeaderMalformed',
    'PutObject',
    "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
    /^Set region: 'eu-west-1'\.$/,
  ],
  ['AuthorizationHeaderMalformed', 'PutObject', 'the region is wrong', /Set region/],
  ['InvalidArgument', 'PutObject', 'Credential access key has length 20, should be 32', /R2/],
  ['MissingSecurityHeader', 'PutObject', 'Your request is missing a required header', /removes headers/],
  ['Unauthorized', 'PutObject', 'Unauthorized', /does not accept these credentials/],
  ['AccessDenied', 'PutObject', 'with an explicit deny in a VPC endpoint policy', /VPC endpoint denies/],
  [
    'AccessDenied',
    'PutObject',
    'User: arn:aws:iam::1:user/x is not authorized to perform: s3:PutObject with an explicit deny in a resource-based policy',
    /A policy denies it/,
  ],
  [
    'AccessDenied',
    'PutObject',
    'not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:1:key/2',
    /KMS key/,
  ],
  ['AccessDenied', 'PutObject', 'Access Denied because object protected by object lock.', /Object Lock protects/],
  ['AccessDenied', 'PutObject', 'public access is prevented by the BlockPublicAcls setting', /blocks public access/],
  ['AccessDenied', 'PutObject', 'Cannot upload files, storage cap exceeded.', /limit of the account/],
  [
    'AccessDenied',
    'PutObject',
    'User: x is not authorized to perform: s3:PutObject on resource: "y" because no identity-based policy allows it',
    /^Allow s3:PutObject on "site"/,
  ],
  ['AccessDenied', 'PutObject', 'x does not have storage.objects.create access to the object', /Grant storage.objects/],
  ['AccessDenied', 'PutObject', 'Anonymous users cannot write', /was not signed/],
  ['AccessDenied', 'PutObject', 'Access Denied', /s3:PutObject.*requestPayer/],
  ['AccessDenied', 'PutObject', 'Forbidden: Invalid signature', /secret key does not belong/],
  ['AccessDenied', 'PutObject', 'Forbidden: No such key: GK00', /does not know this access key/],
  ['AllAccessDisabled', 'PutObject', 'All access to this bucket has been disabled', /support says why/],
  ['UserProjectMissing', 'PutObject', 'Bucket is a requester pays bucket', /requestPayer: true/],
  ['AccessControlListNotSupported', 'PutObject', 'The bucket does not allow ACLs', /Object Ownership/],
  ['KMS.DisabledException', 'PutObject', 'key is disabled', /Enable it/],
  ['KMS.NotFoundException', 'PutObject', 'Key does not exist', /sseKmsKeyId/],

  // Buckets and endpoints.
  ['NoSuchBucket', 'PutObject', 'The specified bucket does not exist (website)', /endpoint is that of a website/],
  ['NoSuchBucket', 'PutObject', 'The specified bucket does not exist', /no bucket "site"/],
  ['InvalidBucketName', 'PutObject', 'The specified bucket is not valid.', /3 to 63/],
  ['WrongRegion', 'PutObject', '', /is in eu-west-1\. Set region/],
  ['PermanentRedirect', 'PutObject', 'must be addressed using the specified endpoint', /another endpoint/],
  ['NotARegion', 'PutObject', 'the response names a region, which is none', /what is between this machine and it/],
  ['EndlessListing', 'ListObjectsV2', 'the listing goes round', /repeats pages of its listings/],
  ['NoSuchKey', 'ListObjectsV2', 'The specified key does not exist.', /endpointUrl holds the name of a bucket/],
  ['NoSuchKey', 'ListMultipartUploads', 'The specified key does not exist.', /holds the name of a bucket/],
  ['NoSuchKey', 'GetObject', 'The specified key does not exist.', /removed or renamed/],
  ['NoSuchKey', 'PutObject', 'The specified key does not exist.', /not the API of S3/],
  ['MethodNotAllowed', 'PutObject', 'The specified method is not allowed against this resource.', /website or a CDN/],
  ['MethodNotAllowed', 'CopyObject', 'Not allowed', /let the request through/],

  // Objects.
  ['InvalidObjectState', 'CopyObject', "not valid for the object's storage class", /Restore it first/],
  [
    'InvalidRequest',
    'CopyObject',
    'The object was stored using a form of Server Side Encryption. The correct parameters must be provided.',
    /SSE-C/,
  ],
  ['BadRequest', 'HeadObject', '', /SSE-C/],
  [
    'InvalidRequest',
    'PutObject',
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    /Leave checksum: 'off' out/,
  ],
  ['MissingContentMD5', 'PutObject', '', /checksum: 'md5'/],
  ['InvalidRequest', 'PutObject', 'Bucket is missing Object Lock Configuration', /has no Object Lock/],
  [
    'InvalidRequest',
    'CopyObject',
    'This copy request is illegal because it is trying to copy an object to itself',
    /itself/,
  ],
  ['InvalidStorageClass', 'PutObject', 'The storage class you specified is not valid', /by storageClass/],
  ['InvalidTag', 'PutObject', 'The tag provided was not a valid tag', /tagging/],
  ['InvalidEncryptionAlgorithmError', 'PutObject', 'not valid', /Check sse/],
  ['MetadataTooLarge', 'PutObject', 'Your metadata headers exceed the maximum', /2,048/],
  ['XMinioInvalidObjectName', 'PutObject', 'Object name is too long', /255/],
  ['KeyTooLongError', 'PutObject', '', /1,024/],
  [
    'DirectoryObjectContainsData',
    'PutObject',
    'Directory object contains data payload.',
    /Leave cleanUrls: 'index' out/,
  ],
  ['ParentIsObject', 'PutObject', 'Object is a parent of another', /files and folders/],
  ['EntityTooLarge', 'UploadPart', 'too large', /partSize/],
  ['EntityTooLarge', 'PutObject', 'Your proposed upload exceeds the maximum allowed size', /5 GiB/],
  ['EntityTooLarge', 'PutObject', 'too large', /multipartThreshold/],
  ['EntityTooSmall', 'CompleteMultipartUpload', 'smaller than the minimum allowed size', /5 MiB/],
  ['NoSuchUpload', 'UploadPart', 'The specified upload does not exist', /Another run/],
  ['TooManyParts', 'UploadPart', 'too many', /10,000/],
  ['InvalidRange', 'UploadPartCopy', 'The requested range is not satisfiable', /has changed/],
  [
    'PreconditionFailed',
    'PutObject',
    'At least one of the pre-conditions you specified did not hold',
    /Another writer/,
  ],
  ['OperationAborted', 'PutObject', 'A conflicting conditional operation is in progress', /has finished/],
  ['BadDigest', 'PutObject', 'The Content-MD5 you specified did not match what we received.', /changes bodies/],

  // Servers.
  ['InvalidArgument', 'ListObjectsV2', 'S3 API Requests must be made to API port.', /MinIO's Console.*9000/],
  ['NotImplemented', 'PutObject', 'A header implies functionality that is not implemented x-amz-acl', /no ACLs/],
  ['NotImplemented', 'PutObjectTagging', 'A header you provided implies', /deleteAfter/],
  ['NotImplemented', 'PutObject', 'not implemented x-amz-tagging', /no tags/],
  ['NotImplemented', 'PutObject', 'not implemented x-amz-storage-class', /storageClass/],
  ['NotImplemented', 'PutObject', 'not implemented x-amz-server-side-encryption', /Leave sse out/],
  ['NotImplemented', 'PutObject', 'not implemented x-amz-checksum-crc32', /checksum: 'md5'/],
  ['InvalidArgument', 'PutObject', 'Invalid Argument', /one of the headers/],
  ['NotImplemented', 'PutObject', 'not implemented', /does not implement/],
  ['QuotaExceeded', 'PutObject', 'Quota exceeded', /used up/],
  ['XMinioStorageFull', 'PutObject', 'Storage backend has reached its minimum free drive threshold', /disks are full/],
  ['XMinioServerNotInitialized', 'PutObject', 'Server not initialized yet', /disks or nodes/],
  ['SlowDown', 'PutObject', 'Please reduce your request rate.', /lower concurrency/],
  ['InternalError', 'PutObject', 'We encountered an internal error. Please try again.', /Run again later/],
];

function failureOf([code, verb, message, , settings]: Sample): Failure {
  return { code, verb, message, settings, bucket: 'site', region: 'eu-west-1' };
}

for (const sample of SAMPLES) {
  const [code, verb, message, expected] = sample;
  test(`${verb}: ${code}${message === '' ? '' : `: ${message.trim().slice(0, 60)}`} → ${expected}`, () => {
    assert.match(String(hintFor(failureOf(sample)) ?? 'no hint'), expected);
  });
}

test('the table has 60 rows at least, and every row has a sample that it gives the hint of', () => {
  assert.ok(HINTS.length >= 60, `${HINTS.length} rows`);
  const met = new Set(SAMPLES.map((sample) => hintRow(failureOf(sample))));
  assert.deepEqual(
    HINTS.filter((row) => !met.has(row)).map((row) => [row.codes, row.says, row.verbs]),
    [],
  );
});

test('every row can be reached by one of its own codes alone', () => {
  const codes = SAMPLES.map(([code]) => code);
  for (const { codes: own } of HINTS) {
    const some = typeof own === 'string' ? [own] : own instanceof RegExp ? codes.filter((code) => own.test(code)) : own;
    assert.ok(some.length > 0, String(own));
  }
});

/** What a message says, and what no hint may say then. */
const CONTRADICTIONS: readonly (readonly [says: RegExp, never: RegExp])[] = [
  [/\bexpired\b|has expired/i, /does not know this access key|^No credentials were found/],
  [
    /profile .*(?:requires|does not exist|holds no)|credential_process|SSO session|source_profile/i,
    /^No credentials were found/,
  ],
  [/disabled|deactivated/i, /does not know this access key|missing characters/],
  [/explicit deny/i, /^The credentials lack|^Allow/],
  [/no identity-based policy/i, /A policy denies it/],
  [/wrong version number/i, /NODE_EXTRA_CA_CERTS|in common/],
  [/altnames|expired|not yet valid|revoked/i, /does not trust the endpoint's certificate/],
  [/Entity Too Large/i, /login page|5 GiB/],
  [/Cloudflare|API port|MinIO Console|HTTPS server|HTTPS port/i, /login page/],
  [/AKID|Access Key/, /^The region|Set region/],
  [/object lock/i, /^The credentials lack/],
  [/storage class/i, /one of the headers/],
  [/too many open files/i, /right to read/],
  [/no space left|quota exceeded/i, /right to|does not exist/],
  [/key does not exist/i, /^There is no bucket/],
  [/requires multi-factor|no MFA/i, /sso login|^Correct/],
  [/reduce your request rate/i, /Check endpointUrl|permission/],
];

test('no hint says the contrary of the message, whatever the code and the verb', () => {
  const verbs: readonly Failure['verb'][] = [
    'PutObject',
    'ListObjectsV2',
    'HeadObject',
    'CopyObject',
    'UploadPart',
    'read',
    'spool',
  ];
  const wrong: string[] = [];
  for (const [code, own, message, , settings] of SAMPLES)
    for (const verb of [own, ...verbs]) {
      const hint = String(hintFor({ code, verb, message, settings, bucket: 'site' }) ?? '');
      for (const [says, never] of CONTRADICTIONS)
        if (says.test(message) && never.test(hint)) wrong.push(`${code} ${verb}: "${message}" → ${hint}`);
    }
  assert.deepEqual(wrong, []);
});

test('every rule about contradictions applies to a sample', () => {
  for (const [says] of CONTRADICTIONS)
    assert.ok(
      SAMPLES.some(([, , message]) => says.test(message)),
      String(says),
    );
});

test('hints are in plain words on every face, without a value that is undefined', () => {
  for (const sample of SAMPLES) {
    const hint = hintFor(failureOf(sample)) ?? '';
    for (const face of ['api', 'cli', 'action'] as const) {
      const shown = renderOptionNames(hint, face);
      assert.doesNotMatch(shown, /undefined|\[object|\n|[{}](?!endpoint)|SSL routines/, `${sample[0]} ${face}`);
      assert.match(shown, /[.?]$/, shown);
    }
  }
  assert.match(renderOptionNames(hintFor({ code: 'EMFILE', verb: 'read' }) ?? '', 'cli'), /--concurrency/);
});

test('a hint of a row that depends on settings is not given where they are not known', () => {
  const rows = HINTS.filter((row: HintRow) => row.setting !== undefined);
  assert.ok(rows.length >= 5);
  for (const [code, verb, message] of SAMPLES) assert.equal(hintRow({ code, verb, message })?.setting, undefined, code);
});

test('only a copy, and the source of one, is told of the option for the owner of its source', () => {
  const hint = (verb: Failure['verb'], settings?: HintSettings) =>
    String(hintFor({ code: 'AccessDenied', verb, message: 'Access Denied', bucket: 'site', settings }));
  for (const verb of ['PutObject', 'ListObjectsV2', 'HeadObject', 'UploadPart'] as const) {
    assert.match(hint(verb), /; expectedBucketOwner must name the account/);
    assert.match(hint(verb, { ownerOption: 'expectedSourceBucketOwner' }), /; expectedSourceBucketOwner must name/);
  }
  for (const verb of ['CopyObject', 'UploadPartCopy'] as const)
    assert.match(hint(verb), /; expectedBucketOwner, or for the source expectedSourceBucketOwner, must name/);
});

test('the certificate of a bucket with dots needs path style', () => {
  const failure: Failure = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', verb: 'PutObject', bucket: 'my.site' };
  assert.match(String(hintFor(failure)), /forcePathStyle: true/);
});

test('a region that is no region is not advised', () => {
  const failure: Failure = { code: 'WrongRegion', verb: 'PutObject', bucket: 'site', region: 'not a region!' };
  assert.match(String(hintFor(failure)), /another region\. Set region\.$/);
});

test("the system's codes have plain words where files are read or written", () => {
  assert.equal(plainWords('EACCES', 'read'), 'permission denied');
  assert.equal(plainWords('ENOSPC', 'spool'), 'no space is left');
  assert.equal(plainWords('ECONNRESET', 'PutObject'), undefined);
  assert.equal(plainWords('NOSUCHCODE', 'read'), undefined);
});

test('every code that ends a run has a hint', () => {
  const without = Object.entries(ERROR_CODES)
    .filter(([, { endsRun }]) => endsRun !== undefined)
    .filter(([code]) => hintFor({ code, verb: 'PutObject', bucket: 'site' }) === undefined);
  assert.deepEqual(without, []);
});
