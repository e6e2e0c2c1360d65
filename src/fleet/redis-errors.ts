import { UsageError } from '../errors.js';
import { msg } from '../report/message.js';

/** The rights of a user of the queue, as ACL SETUSER takes them: docs/fleet.md has them too, and a test runs with them. */
export const USER_RIGHTS =
  '~s3pp:* resetchannels -@all +@read +@write +@connection +@transaction +eval +evalsha -@dangerous +info +select +client|list +client|setname';

interface Cause {
  /** Codes of Node, or texts that Redis answers. */
  readonly says: RegExp;
  /** Only for an address of this scheme. */
  readonly scheme?: 'redis:' | 'rediss:';
  /** What is wrong; it follows "The queue redis://…". */
  readonly is: string;
  /** The error's own text is of no use to anybody. */
  readonly bare?: true;
  readonly fix: string;
  /** `lasts`: only somebody can change it, so that a run ends at once. `passes`: it may go by itself. Undefined: it is about connecting. */
  readonly during?: 'lasts' | 'passes';
}

const TRUST = 'Name the CA of its certificate in NODE_EXTRA_CA_CERTS, a file in PEM format.';

const NO_CLIENT_CERTIFICATES =
  'Set "tls-auth-clients no" in redis.conf, and give the workers a user with a password: client certificates are not supported.';

export const CLUSTER = {
  is: 'is a node of a Redis Cluster, which cannot hold a queue',
  fix: 'Use a Redis without cluster mode: one server is enough for any run.',
} as const;

/** Causes, in this order: the first that fits is shown. @see https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const CAUSES: readonly Cause[] = [
  {
    says: /NOAUTH/,
    is: 'wants a user or a password',
    fix: 'Write user:password and an "at" sign before the host; in S3PP_QUEUE they stay out of the list of processes.',
    during: 'lasts',
  },
  {
    says: /WRONGPASS|invalid password|invalid username/i,
    is: 'refuses the user',
    fix: 'Check user:password before the host; in S3PP_QUEUE the password stays out of the list of processes.',
    during: 'lasts',
  },
  {
    says: /NOPERM|user executing the script can't/i,
    is: 'does not give its user enough rights',
    fix: `Give the user these: ${USER_RIGHTS}.`,
    during: 'lasts',
  },
  {
    says: /DB index|invalid DB/i,
    is: 'has no database of this number',
    fix: 'Correct the number after the host, or leave it out; "databases" in redis.conf says how many there are.',
  },
  {
    says: /^DENIED/,
    is: 'takes connections of its own machine only, because it has no password (protected mode)',
    bare: true,
    fix: 'Give it users, and name one before the host.',
  },
  { says: /max number of clients/i, is: 'takes no more connections', fix: 'Raise maxclients in redis.conf.' },
  {
    says: /^OOM|\bOOM command not allowed/,
    is: 'has no memory left',
    fix: 'Raise its maxmemory, or remove what else is in it: redis-cli info memory shows both.',
    during: 'passes',
  },
  {
    says: /MISCONF/,
    is: 'cannot write its file, and therefore takes no jobs',
    fix: 'Look for a full disk or missing rights there: redis-cli info persistence, and the log of Redis.',
    during: 'passes',
  },
  {
    says: /READONLY/,
    is: 'is a replica that takes no writes',
    fix: 'Give the address of its primary.',
    during: 'passes',
  },
  {
    says: /MASTERDOWN|NOREPLICAS/,
    is: 'has lost the servers that it replicates with',
    fix: 'Repair the replication.',
    during: 'passes',
  },
  {
    says: /^(?:MOVED|ASK|CROSSSLOT|CLUSTERDOWN)|cluster mode/,
    ...CLUSTER,
    during: 'lasts',
  },
  {
    says: /ERR_TLS_CERT_ALTNAME_INVALID/,
    is: 'has a certificate of another host',
    fix: 'Give the address by a name that is in the certificate, or add the name to it.',
  },
  {
    says: /CERT_HAS_EXPIRED/,
    is: 'has a certificate that has expired',
    fix: "Renew it at the server; if it is valid, this machine's clock is wrong.",
  },
  {
    says: /CERT_NOT_YET_VALID/,
    is: 'has a certificate that is not valid yet',
    fix: 'Check the clocks of this machine and of the server.',
  },
  {
    says: /alert certificate required|CERTIFICATE_REQUIRED|alert handshake failure|HANDSHAKE_FAILURE/i,
    is: 'wants a certificate of its clients, or a version of TLS that Node does not have',
    bare: true,
    fix: NO_CLIENT_CERTIFICATES,
  },
  {
    says: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    is: 'has a certificate that Node does not trust',
    fix: TRUST,
  },
  {
    says: /wrong version number|ERR_SSL|EPROTO|packet length too long|disconnected before secure TLS/i,
    is: 'does not speak TLS at this port',
    bare: true,
    fix: 'Write redis:// for a port without TLS, or give the port that has it.',
  },
  {
    says: /ETIMEDOUT|no answer/,
    scheme: 'rediss:',
    is: 'gives no answer',
    bare: true,
    fix: 'Write redis:// if this port has no TLS; otherwise check the address, and firewalls on the way.',
  },
  {
    says: /ETIMEDOUT|no answer/,
    is: 'gives no answer',
    bare: true,
    fix: 'Check the address, and firewalls on the way.',
  },
  {
    says: /ECONNRESET|EPIPE|Connection is closed/,
    scheme: 'redis:',
    is: 'closes the connection without an answer',
    fix: 'Write rediss:// if this port is one of TLS.',
  },
  {
    // With TLS 1.3 its reason may come too late.
    says: /ECONNRESET|EPIPE|Connection is closed/,
    is: 'closes the connection, as one does that wants a certificate of its clients',
    fix: NO_CLIENT_CERTIFICATES,
  },
  { says: /Protocol error/, is: 'does not answer as Redis does', bare: true, fix: 'Check the host and the port.' },
  {
    says: /^(?:ERR|[A-Z]{4,}) /,
    is: 'answers with an error',
    fix: 'Look into the log of Redis, and check that this address is the right one.',
  },
  {
    says: /(?:)/,
    is: 'cannot be reached',
    fix: 'Check the address, or start Redis: redis-server --appendonly yes --maxmemory-policy noeviction.',
  },
];

/** What an error of Redis, or of the way there, means to a user. @param shown the address without its password */
export function queueError(shown: string, ...errors: readonly Error[]): UsageError {
  const { cause, text } = causeOf(shown, errors);
  const said = cause.bare === true ? '' : `: ${text}`;
  return new UsageError(msg`The queue ${shown} ${cause.is}${said}.`, cause.fix);
}

/** Whether an error of a command ends a run or a worker at once (`lasts`), or may pass; undefined where it is about the connection. */
export function errorDuringRun(error: Error): Cause['during'] {
  return causeOf('', [error]).cause.during;
}

function causeOf(shown: string, errors: readonly Error[]): { readonly cause: Cause; readonly text: string } {
  const codes = errors.map((error) => (error as NodeJS.ErrnoException).code ?? '');
  const texts = errors.map(({ message }) => message.replace(/^Ready check failed: /, '').trim());
  // Where the connection was closed, another error may say why.
  const text = texts.find((one) => one !== '' && !/^Connection is closed/.test(one)) ?? texts.join('');
  const all = [text, ...codes].join('\n');
  const { protocol = '' } = URL.canParse(shown) ? new URL(shown) : {};
  const cause = CAUSES.find(({ says, scheme }) => says.test(all) && (scheme ?? protocol) === protocol);
  if (cause === undefined) throw new Error('the last cause fits every error');
  // Not where in its script Redis was.
  const line = (text.split('\n')[0] ?? '').replace(/ script: [0-9a-f]{40},.*$/, '').replace(/[.:\s]+$/, '');
  return { cause, text: line === '' ? (codes.find((code) => code !== '') ?? 'no answer') : line };
}
