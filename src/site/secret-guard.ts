import type { ObjectHeaders } from '../encode/object-headers.js';
import { headersUnderRules, type Rules } from '../encode/rules.js';
import { RefusedError, SourceError } from '../errors.js';
import type { ResolvedPutOptions } from '../options/resolved.js';
import { CLOSED_ACLS, type HeaderMap } from '../options/types.js';
import { msg, type Text } from '../report/message.js';
import { isPlace } from '../report/origin.js';
import type { RunRecord } from '../run/record.js';
import { callHook, itemInfo } from '../source/candidates.js';
import type { HeadWatch } from '../source/heads.js';
import type { Entry } from '../source/types.js';
import { isSecretName, SECRET_HEAD_BYTES, secretIn } from './secrets.js';

/** What the guard knows of a put. */
export interface GuardedPut {
  readonly options: Pick<ResolvedPutOptions, 'headers'>;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  /** Whether the option `allowSecrets` has this path, relative to the source. */
  readonly allowsSecret: (relativePath: string) => boolean;
  /** Refuse all secrets, not only those that an ACL opens. */
  readonly refuseSecrets: boolean;
}

/** Keeps secrets from being uploaded by mistake: it refuses a run, or an entry, or warns. */
export interface SecretGuard extends HeadWatch {
  /**
   * Ends the survey, before the first request: refuses the run, or warns where the survey has seen the whole source.
   * @throws RefusedError
   */
  endSurvey(record: RunRecord, whole: boolean): void;
  /** Warns of what came without a survey. */
  endWalk(record: RunRecord): void;
}

/** The most names in a message: in practice all, but a message has an end. */
const MOST_NAMED = 1_000;

/** The names of files, of which a message shows the first. */
interface Tally {
  count: number;
  names: string[];
}

/**
 * Guards one run. Secrets are refused where the world would see them: with `refuseSecrets`, and for a file whose ACL or grants open it to others.
 * Elsewhere they are only warned of, because backups to private buckets have secrets too.
 */
export function secretGuard(put: GuardedPut): SecretGuard {
  let refused = empty();
  let noticed = empty();
  const warn = (record: RunRecord): void => {
    if (noticed.count > 0) record.warn('secrets', noticeText(noticed));
  };
  return {
    bytes: SECRET_HEAD_BYTES,
    wants: (entry) => hasSecretName(entry) && !put.allowsSecret(entry.relativePath),
    see(entry, head) {
      const what = secretOf(entry, head);
      if (what === undefined) return undefined;
      const opened = isOpened(put, entry);
      const refuses = put.refuseSecrets || opened;
      note(refuses ? refused : noticed, entry, what);
      if (!refuses) return undefined;
      const why = opened ? ', and its ACL lets others read it' : '';
      return new SourceError('Secrets', `it looks like a secret: it holds ${what}${why}`, { hint: hintFor(opened) });
    },
    endSurvey(record, whole) {
      if (refused.count > 0) {
        warn(record);
        const opened = !put.refuseSecrets;
        throw new RefusedError('Secrets', refusalText(refused, opened), record.report(false), hintFor(opened));
      }
      if (whole) warn(record);
      // The walk sees these entries again, and the others.
      else noticed = empty();
      refused = empty();
    },
    endWalk: warn,
  };
}

function empty(): Tally {
  return { count: 0, names: [] };
}

/** By its path in the source, by its key where that is another one, and by the file of an item. */
function hasSecretName({ key, relativePath, fileName }: Entry): boolean {
  if (isSecretName(relativePath) || (!key.endsWith(relativePath) && isSecretName(key))) return true;
  return fileName !== undefined && isSecretName(fileName);
}

function secretOf({ key, relativePath, fileName = '' }: Entry, head: Buffer): string | undefined {
  return secretIn(relativePath, head) ?? secretIn(key, head) ?? secretIn(fileName, head);
}

function note(tally: Tally, { key, origin }: Entry, what: string): void {
  tally.count += 1;
  if (tally.names.length < MOST_NAMED) tally.names.push(`${isPlace(origin) ? origin : key} (${what})`);
}

function namesText({ count, names }: Tally): string {
  const more = count - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`;
}

function noticeText(tally: Tally): Text {
  const { count } = tally;
  const files = count === 1 ? 'A file looks like a secret' : `${count.toLocaleString('en-US')} files look like secrets`;
  return msg`${files}: ${namesText(tally)}. Where others can read the bucket, leave ${count === 1 ? 'it' : 'them'} out by {exclude}; {allowSecrets} ends this warning.`;
}

function refusalText(tally: Tally, opened: boolean): string {
  const { count } = tally;
  const files = count === 1 ? '1 file looks like a secret' : `${count.toLocaleString('en-US')} files look like secrets`;
  const why = opened
    ? `, and ${count === 1 ? 'its ACL lets' : 'their ACLs let'} others read ${count === 1 ? 'it' : 'them'}`
    : '';
  return `Nothing was uploaded, because ${files}${why}: ${namesText(tally)}.`;
}

function hintFor(opened: boolean): Text {
  const closed = opened ? ' An ACL such as "private" keeps them closed.' : '';
  return msg`Leave them out by {exclude}, or name those that are to be uploaded in {allowSecrets}.${closed}`;
}

/** Whether others than the owners may read the object, by its own headers. What is wrong with those shows when it is sent. */
function isOpened({ options, headersFor, rules }: GuardedPut, entry: Entry): boolean {
  const { key, relativePath, headers } = entry;
  try {
    const { headers: option } = options;
    const hook = typeof option === 'function' ? callHook('headers', () => option(itemInfo(entry))) : undefined;
    const own = hook === undefined ? headers : { ...hook, ...headers };
    return opensToOthers(headersFor(key, headersUnderRules(rules.resultFor(relativePath), key, own)));
  } catch {
    return false;
  }
}

/** The groups of all people and of all people with an account. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee */
const EVERYBODY = /\/groups\/global\/(?:AllUsers|AuthenticatedUsers)/i;
const CLOSED: ReadonlySet<string> = new Set(CLOSED_ACLS);

/** Whether an ACL or a grant in these headers, with names in lower case, opens an object to others than its owner and the bucket's. */
export function opensToOthers(headers: HeaderMap): boolean {
  return Object.entries(headers).some(([name, value]) => {
    if (name === 'x-amz-acl') return !CLOSED.has(value);
    return name.startsWith('x-amz-grant-') && EVERYBODY.test(value);
  });
}
