import { given, msg, option, type Text } from '../report/message.js';
import type { Failure, HintRow, HintSettings } from './hint-row.js';
import { VERBS, type Verb } from './verbs.js';

const isElsewhere = ({ endpointUrl }: HintSettings): boolean => endpointUrl !== undefined;
const EXPECTED_REGION = /expecting '([a-z0-9-]+)'/;
const DENIED_ACTION = /perform:? ([a-z0-9-]+:\w+)/i;
const GOOGLE_ACTION = /does not have ([a-z]+\.[\w.]+) access/i;

/** The first group of a pattern in the message. */
const said = ({ message = '' }: Failure, pattern: RegExp): string => pattern.exec(message)?.[1] ?? '';

function permissionOf({ verb, bucket }: Failure) {
  const permission = verb in VERBS ? VERBS[verb as Verb].permission : 'a permission';
  return { permission, bucket };
}

/** The options for the owner of a bucket that a request concerns: a copy by S3 concerns two. */
function ownerOptions({ verb, settings }: Failure): Text {
  if (verb === 'CopyObject' || verb === 'UploadPartCopy')
    return msg`{expectedBucketOwner}, or for the source {expectedSourceBucketOwner},`;
  return option(settings?.ownerOption ?? 'expectedBucketOwner');
}

/** Hints for who may do what: keys, sessions, clocks and permissions. @internal */
export const ACCESS_HINTS: readonly HintRow[] = [
  // Keys and identity.
  {
    codes: 'InvalidAccessKeyId',
    says: /malformed access key id/i,
    hint: 'This server takes the keyID of an application key, not the id of an account. Check AWS_ACCESS_KEY_ID or the profile.',
  },
  {
    codes: 'InvalidAccessKeyId',
    says: /disabled|inactive|deactivated|suspended|expired/i,
    hint: 'The server knows the access key and no longer accepts it. Enable it, or use another.',
  },
  {
    codes: ['InvalidAccessKeyId', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    setting: isElsewhere,
    hint: ({ settings }) =>
      msg`The server at ${settings?.endpointUrl} does not know this access key. Keys belong to one provider: check AWS_ACCESS_KEY_ID, the profile, and {endpointUrl}.`,
  },
  {
    codes: ['InvalidAccessKeyId', 'InvalidClientTokenId', 'UnrecognizedClientException'],
    hint: () => msg`S3 does not know this access key. Check AWS_ACCESS_KEY_ID, the profile, and {endpointUrl}.`,
  },
  {
    codes: 'SignatureDoesNotMatch',
    setting: isElsewhere,
    hint: 'The secret key does not belong to the access key: check AWS_SECRET_ACCESS_KEY. If it is right, a proxy before the server changes the path or the header Host, which are signed.',
  },
  {
    codes: 'SignatureDoesNotMatch',
    hint: 'The secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY for missing characters.',
  },
  {
    codes: 'InvalidToken',
    hint: 'The session token does not belong to the access key. Check AWS_SESSION_TOKEN; keys that need none must have none.',
  },
  {
    codes: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
    hint: 'The session has expired. Get new credentials and run again.',
  },
  {
    codes: ['RequestTimeTooSkewed', 'RequestExpired', 'AccessDenied'],
    says: /request has expired|too (?:large|skewed)|request time|clock/i,
    hint: "This machine's clock differs from the server's. Set it, for example by NTP.",
  },
  {
    codes: ['RequestTimeTooSkewed', 'RequestExpired'],
    hint: "This machine's clock is more than 15 minutes off. Set it, for example by NTP.",
  },
  {
    codes: 'AuthorizationHeaderMalformed',
    says: /access key|AKID|credential (?:is|must|should)/i,
    unless: /region/i,
    hint: 'The access key is empty or is not of the form that this server expects. Check AWS_ACCESS_KEY_ID or the profile.',
  },
  {
    codes: 'AuthorizationHeaderMalformed',
    says: EXPECTED_REGION,
    hint: (failure) => msg`Set ${given('region', said(failure, EXPECTED_REGION))}.`,
  },
  {
    codes: 'AuthorizationHeaderMalformed',
    hint: () => msg`The region that requests are signed for is not the one this server expects. Set {region}.`,
  },
  {
    codes: 'InvalidArgument',
    says: /access key has length/i,
    hint: 'The access key is not one of this server: R2 has keys of 32 characters, AWS of 20. Check AWS_ACCESS_KEY_ID or the profile.',
  },
  {
    codes: 'MissingSecurityHeader',
    hint: 'Something between removes headers. Check the proxy.',
  },
  {
    codes: ['Unauthorized', 'UnauthorizedAccess'],
    hint: () =>
      msg`The server does not accept these credentials. Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, the profile, and {endpointUrl}.`,
  },

  // Permissions.
  {
    codes: 'AccessDenied',
    says: /explicit deny.*vpc endpoint|vpc endpoint policy/is,
    hint: 'The policy of the VPC endpoint denies it. Allow the action and the bucket there.',
  },
  {
    codes: 'AccessDenied',
    says: /explicit deny/i,
    hint: 'A policy denies it, whatever else is allowed. Look for "Deny" in the policy that the message names: conditions on encryption, TLS, the network or an ACL are usual.',
  },
  {
    codes: 'AccessDenied',
    says: /kms:|kms key|key policy/i,
    hint: () =>
      msg`The credentials may not use the KMS key. Give them kms:GenerateDataKey and kms:Decrypt on the key; {sse} and {sseKmsKeyId} choose another.`,
  },
  {
    codes: 'AccessDenied',
    says: /object ?lock|worm|retention|legal hold/i,
    hint: 'Object Lock protects the object that is there. Wait until its retention ends, or use another key.',
  },
  {
    codes: 'AccessDenied',
    says: /block ?public|public access/i,
    hint: () => msg`The bucket blocks public access. Leave {acl} out, and publish by a bucket policy or a CDN.`,
  },
  {
    codes: 'AccessDenied',
    says: /cap exceeded|quota|cap reached/i,
    hint: "A limit of the account is reached. Raise it in the provider's settings.",
  },
  {
    codes: 'AccessDenied',
    says: DENIED_ACTION,
    hint: (failure) =>
      `Allow ${said(failure, DENIED_ACTION)} on "${failure.bucket}" in the policy of the user or the role that the message names.`,
  },
  {
    codes: 'AccessDenied',
    says: GOOGLE_ACTION,
    hint: (failure) => `Grant ${said(failure, GOOGLE_ACTION)} on "${failure.bucket}" to the account of the HMAC key.`,
  },
  // Garage has no other code for these.
  {
    codes: 'AccessDenied',
    says: /invalid signature/i,
    hint: 'The secret key does not belong to the access key. Check AWS_SECRET_ACCESS_KEY for missing characters.',
  },
  {
    codes: 'AccessDenied',
    says: /no such (?:access )?key/i,
    hint: () => msg`The server does not know this access key. Check AWS_ACCESS_KEY_ID, the profile, and {endpointUrl}.`,
  },
  {
    codes: 'AccessDenied',
    says: /anonymous/i,
    hint: () => msg`The request was not signed, or something between removes its signature. {giveCredentials}`,
  },
  {
    codes: ['AccessDenied', 'Forbidden'],
    hint: (failure) =>
      msg`The credentials lack ${permissionOf(failure).permission} on "${failure.bucket}", or the bucket's policy denies it. A bucket whose requester pays needs {requestPayer}; ${ownerOptions(failure)} must name the account that owns the bucket where it is given.`,
  },
  {
    codes: [
      'AllAccessDisabled',
      'AccountProblem',
      'NotSignedUp',
      'UserSuspended',
      'AccountSuspended',
      'BillingDisabled',
    ],
    hint: 'The provider has disabled the account or the bucket. Its support says why.',
  },
  {
    codes: 'UserProjectMissing',
    hint: () => msg`The requester pays for this bucket. Set {requestPayer: true}.`,
  },
  {
    codes: ['AccessControlListNotSupported', 'AccessControlListDisabled'],
    hint: ({ bucket }) =>
      msg`ACLs are disabled on "${bucket}" (Object Ownership: bucket owner enforced). Leave the {acl} option and grant headers out; use a bucket policy instead.`,
  },
  {
    codes: /^KMS\.(?:Disabled|InvalidState|InvalidKeyUsage)/,
    hint: 'The KMS key is disabled or is being deleted. Enable it, or choose another.',
  },
  {
    codes: ['KMS.NotFoundException', 'KMS.KMSInvalidKey'],
    hint: () => msg`There is no such KMS key in the bucket's region. Check {sseKmsKeyId}.`,
  },
];
