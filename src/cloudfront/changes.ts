import { S3RequestError } from '../errors.js';
import { errorCode } from '../model/error-codes.js';
import { isNew } from '../report/reasons.js';
import type { Outcome } from '../report/types.js';

/** Keys of each kind that are kept at most: beyond that, all of a distribution is invalidated. */
export const MOST_KEYS = 100_000;

/** What a run has changed, or may have. */
export interface Changes {
  /** Keys that existed, or may have: overwritten, with other headers, deleted, or written by a request whose response was lost. */
  readonly changed: ReadonlySet<string>;
  /** Keys that did not exist. */
  readonly created: ReadonlySet<string>;
  /** The first keys that stay as they are. */
  readonly unchanged: ReadonlySet<string>;
  /** How many keys were changed or created. */
  readonly count: number;
  /** Whether `changed` lacks some. */
  readonly overflowed: boolean;
  /** Whether `created` lacks some. */
  readonly createdOverflowed: boolean;
  /** Takes the next outcome. */
  add(outcome: Outcome): void;
  /** Takes a key that another run of the same deployment has changed or created. */
  addKey(kind: 'changed' | 'created', key: string): void;
  /** Some keys that it has changed or created are not known. */
  overflow(kind: 'changed' | 'created'): void;
}

/** Collects the changes of a run, in bounded memory. */
export function collectChanges(most: number = MOST_KEYS): Changes {
  const changed = new Set<string>();
  const created = new Set<string>();
  const unchanged = new Set<string>();
  const overflowed = { changed: false, created: false };
  let count = 0;

  function addKey(kind: ReturnType<typeof kindOf>, key: string): void {
    if (kind !== 'unchanged') count += 1;
    const keys = { changed, created, unchanged }[kind];
    if (keys.size < most) keys.add(key);
    else if (kind !== 'unchanged') overflowed[kind] = true;
  }

  return {
    changed,
    created,
    unchanged,
    get count() {
      return count;
    },
    get overflowed() {
      return overflowed.changed;
    },
    get createdOverflowed() {
      return overflowed.created;
    },
    add(outcome) {
      const { key } = outcome;
      const kind = kindOf(outcome);
      // A shard may have changed or created what this run then finds unchanged.
      if (key !== '' && !(kind === 'unchanged' && (changed.has(key) || created.has(key)))) addKey(kind, key);
    },
    addKey,
    overflow(kind) {
      count += 1;
      overflowed[kind] = true;
    },
  };
}

function kindOf({ action, reason, error }: Outcome): 'changed' | 'created' | 'unchanged' {
  switch (action) {
    case 'put':
    case 'copy':
      return isNew(reason) ? 'created' : 'changed';
    case 'metadata':
    case 'delete':
    case 'unknown':
      return 'changed';
    case 'fail':
      return mayBeWritten(error) ? 'changed' : 'unchanged';
    case 'skip':
      return 'unchanged';
  }
}

/** The requests after which an object is stored, or gone. */
const ENDS_WRITE: ReadonlySet<string> = new Set([
  'PutObject',
  'CopyObject',
  'CompleteMultipartUpload',
  'DeleteObject',
  'DeleteObjects',
]);

/** Whether a failed write may be stored: the next run would find it unchanged, and invalidate nothing. */
function mayBeWritten(error: Error | undefined): boolean {
  if (!(error instanceof S3RequestError) || !ENDS_WRITE.has(error.verb)) return false;
  return errorCode(error.code).answerLost === true || error.storedEtag !== undefined;
}
