import { createHash } from 'node:crypto';
import type { StoredHeaders } from '../../encode/header-changes.js';
import { METADATA_PREFIX } from '../../encode/header-syntax.js';
import { msg } from '../../report/message.js';
import type { HeaderChange } from '../../report/types.js';
import type { RunRecord } from '../../run/record.js';
import type { Bucket } from '../../s3/bucket.js';
import { REDIRECT_LOCATION } from '../../source/redirects.js';
import type { Entry } from '../../source/types.js';

/**
 * User metadata of a redirect on a server of which nobody knows whether it keeps the header: an object with the mark and without the header shows that it
 * does not. Without the mark each run would write such objects again. It names bucket and key, because a copy by other tools keeps metadata and loses
 * redirects.
 */
const MARK = `${METADATA_PREFIX}s3pp-redirect`;

/** What servers keep of redirects. */
export interface RedirectHeaders {
  /** Changes the headers of an entry that is a redirect to those that are sent. */
  complete(entry: Entry, headers: Record<string, string>): void;
  /** The changes of its headers that this server can make. Warns of the others. */
  possible(entry: Entry, changes: readonly HeaderChange[], stored: StoredHeaders): readonly HeaderChange[];
}

/** @param bucket undefined where a run sends no request */
export function redirectHeaders(
  { warn }: Pick<RunRecord, 'warn'>,
  bucket: Pick<Bucket, 'facts' | 'name'> | undefined,
): RedirectHeaders {
  const kept = (): boolean | 'unknown' => bucket?.facts().redirects ?? 'unknown';

  function markOf({ key, redirect }: Entry): string {
    return createHash('sha256')
      .update(JSON.stringify([bucket?.name, key, redirect]))
      .digest('hex')
      .slice(0, 16);
  }

  function warnOfLoss(): void {
    warn(
      'redirects-not-kept',
      msg`This server does not keep the header ${REDIRECT_LOCATION}, so that its redirects work by their pages alone: visitors get HTML that leads them on, and no 301.`,
    );
  }

  return {
    complete(entry, headers) {
      if (entry.redirect === undefined) return;
      // Its page is sent as it is, whatever all files are.
      delete headers['content-encoding'];
      if (kept() === 'unknown') headers[MARK] = markOf(entry);
      if (kept() === false) warnOfLoss();
    },
    possible(entry, changes, stored) {
      if (entry.redirect === undefined || changes.length === 0) return changes;
      const own = changes.filter(({ name }) => name !== MARK);
      const isLost = ({ name, from }: HeaderChange): boolean => name === REDIRECT_LOCATION && from === undefined;
      if (!own.some(isLost) || kept() === true || (kept() === 'unknown' && stored[MARK] !== markOf(entry))) return own;
      warnOfLoss();
      return own.filter((change) => !isLost(change));
    },
  };
}
