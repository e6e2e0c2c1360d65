import { S3RequestError } from '../../errors.js';
import { partsOf } from '../../etag-parts.js';
import type { CopyWay } from '../../plan/copy-way.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import type { Result } from '../put-entry.js';
import type { Copier, CopyDecision, CopyDeps } from './copy-deps.js';
import { partsCopier } from './copy-in-parts.js';
import { copyObject } from './copy-object.js';
import { copied } from './copy-result.js';
import { relayObject } from './relay-object.js';
import { changedAgain, isSourceChanged, refreshed, whyHead } from './source-facts.js';

/** Copies objects for real. A source that changes meanwhile is copied as it is then; where it changes again, it fails. */
export function copier(deps: CopyDeps): Copier {
  const inParts = partsCopier(deps);

  async function once(entry: CopyEntry, decision: CopyDecision): Promise<Result> {
    const why = deps.relay.why(entry);
    const way = deps.wayOf(entry, why instanceof Promise ? await why : why);
    try {
      if (way.by === 'parts') return await inParts(entry, decision, way);
      return await (way.relayed ? relayObject : copyObject)(deps, entry, decision, way);
    } catch (error) {
      if (way.relayed || !isUnable(error)) throw error;
      deps.relay.needed('this server does not copy');
      return once(entry, decision);
    }
  }

  return async (entry, decision) => {
    try {
      return await once(entry, decision);
    } catch (error) {
      if (!isSourceChanged(error)) throw error;
      const now = await refreshed(deps, entry);
      try {
        return await once(now, decision);
      } catch (again) {
        throw isSourceChanged(again) ? changedAgain(entry) : again;
      }
    }
  };
}

/** A server that does not know how to copy says so. */
function isUnable(error: unknown): boolean {
  if (!(error instanceof S3RequestError) || error.status !== 501) return false;
  return error.verb === 'CopyObject' || error.verb === 'UploadPartCopy';
}

/** HEADs that a copy takes: where parts are alike, three tell how all of them lie. */
function headsFor({ etag }: CopyEntry, { by, layout }: CopyWay, why: string | undefined): number {
  if (why === undefined) return 0;
  return by === 'parts' && layout === 'source' && (partsOf(etag) ?? 1) > 2 ? 3 : 1;
}

/** A dry run: writes nothing, and says what a copy would do and cost. */
export function dryCopier(deps: Pick<CopyDeps, 'relay' | 'wayOf' | 'headers' | 'asked'>): Copier {
  return async (entry, decision) => {
    const way = deps.wayOf(entry, await deps.relay.why(entry));
    const known = entry.head !== undefined && way.by === 'object';
    const why = known ? undefined : whyHead(entry, way, deps.headers);
    for (let heads = headsFor(entry, way, why); heads > 0; heads--) deps.asked(why ?? '');
    return copied(entry, decision, way, { etag: undefined, verified: 'none', attempts: 0 });
  };
}
