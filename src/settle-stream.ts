import type { ResolvedPutOptions } from './options.js';
import { decide } from './plan/decide.js';
import type { RemoteState } from './plan/decision.js';
import type { Entry } from './source/entry.js';
import type { EntryBody } from './transfer/entry-body.js';
import type { Putter, Result } from './transfer/put-entry.js';

type Headers = Readonly<Record<string, string>>;

/** Decides about one stream that is longer than memory shall hold, and puts it; a skip is for the caller to word. */
export type SettleStream = (
  entry: Entry,
  remote: RemoteState,
  body: EntryBody,
  headers: () => Headers,
) => Promise<Result | { readonly action: 'skip'; readonly reason: string }>;

/**
 * Its bytes come only once, so they cannot be compared before they are sent: what neither mode nor size decides is put.
 * @param put what puts it, or says what a put would do
 */
export function settleStream(options: Pick<ResolvedPutOptions, 'mode' | 'compare'>, put: Putter): SettleStream {
  return async (entry, remote, body, headers) => {
    const decision = decide(options, entry.size, remote);
    if (decision.action === 'skip') return decision;
    const unread = { action: 'put', reason: 'content unproven, a stream is read only once' } as const;
    const putting = decision.action === 'put' ? decision : unread;
    return put(entry, body, putting, headers());
  };
}
