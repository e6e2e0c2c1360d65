import { S3RequestError } from '../errors.js';
import type { Text } from '../report/message.js';
import type { Run } from '../run/run.js';
import { fitsXml } from '../s3/answers/xml.js';
import type { Bucket, DeleteTarget } from '../s3/bucket.js';
import { AbortedInFlight } from '../s3/http/http-client.js';
import { errorOfKey, INTERRUPTED_DELETE } from '../s3/middleware/retry-deletes.js';

/** S3 takes no more keys in one DeleteObjects. */
const MOST_KEYS = 1_000;

/**
 * What became of one key. `changed`: another writer has changed the object, so it stays. `unknown`: the run ended while a request was in flight.
 * `untouched`: the run ended before a request was sent.
 */
export type Fate = 'deleted' | 'changed' | 'unknown' | 'untouched' | S3RequestError;

/** Deletes keys of one bucket, by the requests that its server has; what one call learns of the server holds for the later ones. */
export interface Deleter {
  /** Most keys that one call should have: those of one request. */
  readonly most: number;
  /** Returns what became of each, in the order of the targets. Calls may overlap. */
  delete(targets: readonly DeleteTarget[]): Promise<readonly Fate[]>;
}

/**
 * Binds each delete to the ETag of its target where the server is known to honour that, and deletes as many keys by one request as that allows. A
 * server that refuses the condition gets the same keys without it, one without DeleteObjects gets a DeleteObject for each.
 */
export function deleter({ record, signal, stop }: Pick<Run, 'record' | 'signal' | 'stop'>, bucket: Bucket): Deleter {
  /** Whether the server has DeleteObjects, as far as is known. */
  let hasBatches = true;
  /** Whether conditions are worth sending, where the server is known to honour them. */
  let binds = true;
  /** A bound delete was carried out, so that the server takes conditions. */
  let hasBound = false;

  function bound(target: DeleteTarget): DeleteTarget {
    return binds && bucket.facts().conditionalDeletes !== false ? target : unbound(target);
  }

  /** Whether a key needs a request of its own. */
  function isAlone({ key, etag }: DeleteTarget): boolean {
    return !hasBatches || !fitsXml(key) || (etag !== undefined && bucket.facts().conditionalDeletes === 'single');
  }

  /** What a request without a result means for its keys. Throws what is no error of a request. */
  function fateOf(error: unknown): Fate {
    if (error instanceof AbortedInFlight) return 'unknown';
    if (error instanceof S3RequestError) return error.code === INTERRUPTED_DELETE ? 'unknown' : error;
    if (stop.signal.aborted) return 'untouched';
    throw error;
  }

  function deleted(target: DeleteTarget, marker: boolean): Fate {
    if (target.etag !== undefined) hasBound = true;
    if (marker) record.warn('delete-markers', markersText(bucket.name));
    return 'deleted';
  }

  async function sendAlone(target: DeleteTarget): Promise<Fate> {
    if (stop.signal.aborted) return 'untouched';
    try {
      const { marker } = await bucket.deleteObject(target, signal);
      return deleted(target, marker);
    } catch (error) {
      return fateOf(error);
    }
  }

  async function sendBatch(targets: readonly DeleteTarget[]): Promise<readonly Fate[]> {
    if (stop.signal.aborted) return targets.map(() => 'untouched');
    try {
      const results = await bucket.deleteObjects(targets, signal);
      return results.map(({ marker, error }, i) =>
        error === undefined ? deleted(targets[i] as DeleteTarget, marker) : fateOf(error),
      );
    } catch (error) {
      const fate = fateOf(error);
      return targets.map(({ key }) => (fate instanceof S3RequestError ? errorOfKey(fate, key) : fate));
    }
  }

  /** By one request; by one for each key where the server has no such request. */
  async function sendTogether(targets: readonly DeleteTarget[]): Promise<readonly Fate[]> {
    const fates = await sendBatch(targets);
    if (!fates.every(isNotImplemented)) return fates;
    // Either there is no DeleteObjects, or there are no ETags in it: a request without them shows which.
    if (targets.some(({ etag }) => etag !== undefined) && !fates.every(isNotAllowed)) {
      const plain = await sendBatch(targets.map(unbound));
      if (!plain.every(isNotImplemented)) {
        if (plain.includes('deleted')) stopBinding(refusedText(bucket.name, fates[0]));
        return plain;
      }
    }
    hasBatches = false;
    return Promise.all(targets.map(sendAlone));
  }

  async function send(targets: readonly DeleteTarget[]): Promise<readonly Fate[]> {
    const alone: DeleteTarget[] = [];
    const together: DeleteTarget[] = [];
    for (const target of targets) (isAlone(target) ? alone : together).push(target);
    if (alone.length === 0) return sendTogether(targets);
    if (together.length === 0) return Promise.all(targets.map(sendAlone));
    const [first, second] = await Promise.all([sendTogether(together), Promise.all(alone.map(sendAlone))]);
    const fates = new Map([...together, ...alone].map((target, i) => [target, [...first, ...second][i] as Fate]));
    return targets.map((target) => fates.get(target) as Fate);
  }

  /** Sends those targets again that `chosen` finds, changed by `change`, and puts what becomes of them in the place of their first fates. */
  async function again(
    targets: readonly DeleteTarget[],
    fates: Fate[],
    chosen: (fate: Fate, target: DeleteTarget) => boolean,
    resend: (targets: readonly DeleteTarget[]) => Promise<readonly Fate[]>,
  ): Promise<readonly Fate[]> {
    const indexes = fates.flatMap((fate, i) => (chosen(fate, targets[i] as DeleteTarget) ? [i] : []));
    if (indexes.length === 0 || stop.signal.aborted) return [];
    const next = await resend(indexes.map((i) => targets[i] as DeleteTarget));
    indexes.forEach((index, i) => {
      fates[index] = next[i] as Fate;
    });
    return next;
  }

  /** Whether the object still is the one that was listed, after the server has said that it is not. */
  async function isListed({ key, etag }: DeleteTarget): Promise<boolean | 'absent'> {
    try {
      record.countHead('changed');
      const now = await bucket.headObject(key, signal);
      return now === undefined ? 'absent' : now.etag === etag;
    } catch (error) {
      if (error instanceof S3RequestError || stop.signal.aborted) return false;
      throw error;
    }
  }

  /** What a failed condition means. A response that was lost may have deleted the object before, and some servers respond so to an absent key. */
  async function settleChanged(target: DeleteTarget): Promise<Fate> {
    const listed = await isListed(target);
    if (listed === 'absent') return 'deleted';
    if (!listed) return 'changed';
    const fate = await sendAlone(unbound(target));
    if (fate === 'deleted') stopBinding(unmetText(bucket.name));
    return fate;
  }

  function stopBinding(message: Text): void {
    // What has worked before works: then it is these keys that are different.
    if (!hasBound) binds = false;
    record.warn('unbound-deletes', message);
  }

  return {
    get most() {
      return hasBatches && (!binds || bucket.facts().conditionalDeletes !== 'single') ? MOST_KEYS : 1;
    },

    async delete(given) {
      const targets = given.map(bound);
      const fates = [...(await send(targets))];
      await again(targets, fates, isUnanswered, (open) => Promise.all(open.map(sendAlone)));
      const refusal = fates.find((fate, i) => refusesCondition(fate, targets[i] as DeleteTarget));
      const plain = await again(targets, fates, refusesCondition, (refused) => send(refused.map(unbound)));
      if (plain.includes('deleted')) stopBinding(refusedText(bucket.name, refusal));
      await again(targets, fates, isUnmet, (unmet) => Promise.all(unmet.map(settleChanged)));
      return fates;
    },
  };
}

function unbound({ key }: DeleteTarget): DeleteTarget {
  return { key };
}

const isNotAllowed = (fate: Fate): boolean =>
  fate instanceof S3RequestError && (fate.code === 'MethodNotAllowed' || fate.status === 405);

const isNotImplemented = (fate: Fate): boolean =>
  isNotAllowed(fate) || (fate instanceof S3RequestError && (fate.code === 'NotImplemented' || fate.status === 501));

/** Deleting it alone shows what has become of it: a server may write the key in another form than it was sent. */
const isUnanswered = (fate: Fate): boolean => fate instanceof S3RequestError && fate.code === 'UnansweredKey';

/** Whether the condition may be what was refused: it needs a permission of its own, and some servers, or readers of their documents, do not know it. */
function refusesCondition(fate: Fate, { etag }: DeleteTarget): boolean {
  if (etag === undefined || !(fate instanceof S3RequestError)) return false;
  return (
    fate.code === 'AccessDenied' || fate.code === 'MalformedXML' || (isNotImplemented(fate) && !isNotAllowed(fate))
  );
}

const isUnmet = (fate: Fate, { etag }: DeleteTarget): boolean =>
  etag !== undefined && fate instanceof S3RequestError && (fate.code === 'PreconditionFailed' || fate.status === 412);

const ANYWAY = 'so an object that another writer changes during the run is deleted all the same';

function refusedText(bucket: string, refusal: Fate | undefined): string {
  const denied = refusal instanceof S3RequestError && refusal.code === 'AccessDenied';
  return denied
    ? `The credentials lack s3:GetObject on "${bucket}", which a delete needs that is bound to the listed ETag. Deletes are not bound, ${ANYWAY}.`
    : `The server of "${bucket}" does not take deletes that are bound to the listed ETag. Deletes are not bound, ${ANYWAY}.`;
}

function unmetText(bucket: string): string {
  return `The server of "${bucket}" refuses deletes that are bound to the very ETag that it shows. Deletes are not bound, ${ANYWAY}.`;
}

function markersText(bucket: string): string {
  return `The bucket "${bucket}" has versions: a delete hides the object, and its old versions stay and cost until a lifecycle rule removes them.`;
}
