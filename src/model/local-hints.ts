import { msg } from '../report/message.js';
import { type Failure, GONE_HINT, type HintRow } from './hint-row.js';

/** The codes of errors about credentials: each provider throws an error with a name of its own. */
const CREDENTIALS = /ProviderError$/;
/** The profile that the message names, else that of the option. A sentence about "this profile is invalid" names none. */
const profileOf = ({ settings, message = '' }: Failure): string | undefined =>
  /profile(?:=| ")([\w./@:+-]*[\w/@:+-])/i.exec(message)?.[1] ??
  /profile (\S+) requires/i.exec(message)?.[1] ??
  settings?.profile;
const profileFlag = (failure: Failure): string => {
  const profile = profileOf(failure);
  return profile === undefined ? '' : ` --profile ${profile}`;
};

/** Hints for credentials that cannot be had. @internal */
export const CREDENTIAL_HINTS: readonly HintRow[] = [
  // First what names profiles: their names may hold any of the words below.
  {
    codes: CREDENTIALS,
    says: /The profile ".*" does not exist/,
    hint: (failure) =>
      msg`Correct {profile} or AWS_PROFILE, or add a section for "${profileOf(failure)}" to the config file, which is ~/.aws/config by default.`,
  },
  {
    codes: CREDENTIALS,
    says: /The profile ".*" holds no/,
    hint: () =>
      msg`Add aws_access_key_id and aws_secret_access_key to it, or choose another by {profile} or AWS_PROFILE.`,
  },
  {
    codes: CREDENTIALS,
    says: /The sso_session of the profile/,
    hint: 'Run aws configure sso, or correct sso_session in the AWS config file.',
  },
  {
    codes: CREDENTIALS,
    says: /The source_profile|cycle/,
    hint: 'Correct that entry in the AWS config file: source_profile must name a profile that is there.',
  },
  {
    codes: CREDENTIALS,
    says: /credential source in profile/i,
    hint: 'Correct credential_source in the AWS config file.',
  },
  {
    codes: CREDENTIALS,
    says: /credential_process/i,
    hint: 'Run that command by itself: it must print JSON with "Version": 1, AccessKeyId and SecretAccessKey, and end with 0.',
  },
  {
    codes: CREDENTIALS,
    says: /invalid SSO credentials|Conflicting SSO/,
    hint: 'Correct the entries of SSO in the AWS config file, for example by aws configure sso.',
  },
  {
    codes: CREDENTIALS,
    says: /multi-factor|MFA code/i,
    hint: (failure) =>
      `There is no question for the MFA code here. Get a session first, for example by: eval "$(aws configure export-credentials${profileFlag(failure)} --format env)".`,
  },
  {
    codes: CREDENTIALS,
    says: /\bSSO\b|sso-session|sso_session/,
    hint: (failure) => `Run aws sso login${profileFlag(failure)}, then run again.`,
  },
  {
    codes: CREDENTIALS,
    says: /login session|aws login/i,
    hint: (failure) => `Run aws login${profileFlag(failure)}, then run again.`,
  },
  {
    codes: CREDENTIALS,
    says: /the function that is given|the provider returned no|expiration of the credentials/,
    hint: 'It must give an object with accessKeyId and secretAccessKey, and a Date as expiration where there is one. Without it, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role give them.',
  },
  {
    codes: CREDENTIALS,
    says: /AWS_\w+ is set, and AWS_\w+ is not/,
    hint: () =>
      msg`Set both; the variable may be misspelt, or a secret of that name may not exist. Or choose a profile by {profile}.`,
  },
  {
    codes: CREDENTIALS,
    says: /blank or a line break|no header can have|between its first/i,
    hint: 'Store it again without it: copying a key from a page or a file often adds one.',
  },
  {
    codes: CREDENTIALS,
    says: /web ?identity|token file|AWS_WEB_IDENTITY_TOKEN_FILE/i,
    hint: 'Check AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or web_identity_token_file and role_arn of the profile, and the trust policy of the role.',
  },
  {
    codes: CREDENTIALS,
    says: /AssumeRole|could not be assumed/i,
    hint: 'Check the ARN of the role, and whether its trust policy names who assumes it.',
  },
  { codes: CREDENTIALS, says: /expired/i, hint: 'The credentials have expired. Get new ones and run again.' },
  {
    codes: CREDENTIALS,
    says: /could not load credentials from any|no credentials|unable to find/i,
    hint: () => msg`No credentials were found. {giveCredentials}`,
  },
  { codes: CREDENTIALS, hint: () => msg`Correct that, or give other credentials. {giveCredentials}` },
];

const LOCAL: HintRow['verbs'] = ['read', 'spool', 'write'];

/** Hints for the errors of this machine's files. @internal */
export const LOCAL_HINTS: readonly HintRow[] = [
  {
    codes: ['EACCES', 'EPERM'],
    verbs: ['read'],
    what: 'permission denied',
    hint: 'Give the user that runs this the right to read it, or exclude it.',
  },
  {
    codes: ['EACCES', 'EPERM'],
    verbs: ['spool', 'write'],
    what: 'permission denied',
    hint: 'Give the user that runs this the right to write there, or name another folder; for temporary files TMPDIR does.',
  },
  {
    codes: 'ENOENT',
    verbs: ['read'],
    what: 'it is gone since it was listed',
    hint: GONE_HINT,
  },
  {
    codes: 'ENOENT',
    verbs: ['spool'],
    what: 'the folder for temporary files does not exist',
    hint: 'Create it, or name another in TMPDIR.',
  },
  { codes: 'ENOENT', verbs: ['write'], what: 'its folder does not exist', hint: 'Create the folder, or name another.' },
  {
    codes: ['EMFILE', 'ENFILE'],
    verbs: LOCAL,
    what: 'too many open files',
    hint: () => msg`Raise the limit of open files (ulimit -n), or lower {concurrency}.`,
  },
  {
    codes: ['ENOSPC', 'EDQUOT'],
    verbs: ['spool'],
    what: 'no space is left',
    hint: 'Make room in the folder for temporary files, or name another in TMPDIR.',
  },
  {
    codes: ['ENOSPC', 'EDQUOT'],
    verbs: ['write'],
    what: 'no space is left',
    hint: 'Make room on that disk, or name a file on another.',
  },
  {
    codes: 'EROFS',
    verbs: ['spool', 'write'],
    what: 'the file system is read-only',
    hint: 'Name a folder that can be written; for temporary files TMPDIR does.',
  },
  {
    codes: 'EFBIG',
    verbs: ['spool', 'write'],
    what: 'the file is too large for its file system or its limit',
    hint: 'Raise the limit (ulimit -f), or name a folder on another file system.',
  },
  {
    codes: 'ENAMETOOLONG',
    verbs: LOCAL,
    what: 'its name is too long for the system',
    hint: 'Shorten the name or the path, or begin nearer to it.',
  },
  {
    codes: 'EISDIR',
    verbs: ['read'],
    what: 'it is a folder, not a file',
    hint: 'It was a file when it was found, or a folder was given where a file is read. Name the folder as a source.',
  },
  { codes: 'EISDIR', verbs: ['spool', 'write'], what: 'it is a folder', hint: 'Name a file.' },
  {
    codes: 'ENOTDIR',
    verbs: LOCAL,
    what: 'a part of its path is no folder',
    hint: 'Check the path; something may have replaced a folder by a file.',
  },
  {
    codes: 'ELOOP',
    verbs: ['read'],
    what: 'its symbolic links lead in a circle',
    hint: () => msg`Remove the link, or leave it out by {exclude} or {symlinks: 'skip'}.`,
  },
  { codes: 'EIO', verbs: LOCAL, what: 'input/output error', hint: 'The disk or network file system failed; check it.' },
  {
    codes: ['ESTALE', 'ENOTCONN', 'EHOSTDOWN'],
    verbs: ['read'],
    what: 'the network file system does not have it any more',
    hint: 'Mount the file system again, then run again.',
  },
  {
    codes: ['ETIMEDOUT', 'EREMOTEIO'],
    verbs: ['read'],
    what: 'the network file system does not respond',
    hint: 'Check the network file system, then run again.',
  },
  {
    codes: ['EBUSY', 'ETXTBSY', 'EAGAIN'],
    verbs: LOCAL,
    what: 'another program has it locked',
    hint: 'Wait until that program has finished, then run again; or exclude it.',
  },
  {
    codes: ['ENXIO', 'ENODEV', 'EOPNOTSUPP'],
    verbs: ['read'],
    what: 'it is no file that can be read',
    hint: 'It is a socket or a device. Exclude it.',
  },
  {
    codes: 'EINVAL',
    verbs: ['read'],
    what: 'the system cannot read it',
    hint: 'It is a special file of the system. Exclude it.',
  },
  {
    codes: 'ENOMEM',
    verbs: LOCAL,
    what: 'the system has no memory left',
    hint: () => msg`Lower {memory} or {concurrency}.`,
  },
];
