import type { ObjectHeaders } from '../../encode/object-headers.js';
import type { Rules } from '../../encode/rules.js';
import type { PartSizing } from '../../model/part-layout.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { HeaderMap } from '../../options/types.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { isLeftOut, isOtherContent, REASONS, unproven } from '../../report/reasons.js';
import type { Outcome } from '../../report/types.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import type { Entry, Unusable } from '../../source/types.js';
import { type EntryBody, SourceBody } from '../body/body.js';
import type { EncodedBody } from '../body/compressed-body.js';
import type { Md5 } from '../body/hash.js';
import { headObjects, headRemote } from '../head.js';
import {
  type PutDecision,
  type Putter,
  type Result,
  remoteState,
  replacing,
  settleObject,
  skipped,
} from '../result.js';
import { compareEntries } from './compare.js';
import { entryForms, type Form, type FormContext } from './form.js';
import { overwritesOf } from './overwrite.js';
import { dryPutter, putters } from './put-object.js';
import { compressedEntries } from './settle-compressed.js';

/** What a put needs beside the run: prepared options, headers and rules, and the destination. */
export interface PutContext {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  readonly lowest?: FormContext['lowest'];
  /** Undefined where a run sends no request at all. */
  readonly bucket: Bucket | undefined;
  readonly md5: Md5;
  readonly sizing: PartSizing;
}

/** What is decided about one entry. */
type Decided =
  | { readonly action: 'skip'; readonly reason: string }
  | { readonly action: 'put'; readonly decision: PutDecision };

/** The bytes of one entry while it is worked on. */
interface Opened {
  readonly body: EntryBody;
  /** Its headers. The type in them may change when its first bytes are read. */
  readonly headers: () => HeaderMap;
  /** Its bytes compressed, where they may be. */
  readonly encoded: EncodedBody | undefined;
}

/** A write that was decided on and is carried out later: what it needs, but no bytes. */
export interface PlannedWrite {
  readonly kind: 'entry';
  readonly key: string;
  readonly origin: string;
  readonly size: number | undefined;
  readonly entry: Entry;
  readonly form: Form;
  readonly decision: PutDecision;
  readonly remote: RemoteState;
}

type SettleUnit = (unit: Planned<Entry>) => Promise<Outcome | undefined>;

/** The work on the entries of one put. None of it throws, as for `settleObject`, except what an entry's `settled` callback throws. */
export interface PutWork {
  /** Decides about one entry, and puts it at once where that is the decision. */
  readonly settle: SettleUnit;
  /** Returns a function that only decides: it gives a write to `later`, which has no outcome yet. */
  readonly plan: (later: (write: PlannedWrite) => void) => SettleUnit;
  /** Carries a planned write out. */
  readonly write: (write: PlannedWrite) => Promise<Outcome | undefined>;
}

/** Returns the work on entries. It calls an entry's `settled` callback with its outcome. */
export function putWork(run: Run, own: PutContext): PutWork {
  const { options, bucket, md5 } = own;
  const real = bucket === undefined || options.dryRun ? undefined : putters(run, { ...own, bucket });
  const headersSent = new WeakMap<Entry, HeaderMap>();
  const perform = keepingHeaders(real?.bySize ?? dryPutter, headersSent);
  const performStream = keepingHeaders(real?.stream ?? dryPutter, headersSent);
  const headObject = bucket === undefined ? undefined : headObjects(run, bucket);
  const compare = headObject === undefined ? undefined : compareEntries(run, { ...own, headObject });
  const compressed = compressedEntries(run, { ...own, headObject, perform });
  const forms = entryForms(run.record, own);
  const overwrites = overwritesOf(run.record, options);

  /** A stream that is read in parts, because it is longer than memory may hold. */
  async function isLongStream({ stream }: Entry, body: EntryBody): Promise<boolean> {
    return stream !== undefined && bucket !== undefined && (await body.outgrows(options.multipartThreshold));
  }

  async function decideEntry(entry: Entry, remote: RemoteState, { body, encoded }: Opened): Promise<Decided> {
    const first =
      encoded === undefined ? ({ action: 'plain' } as const) : await compressed.decide(entry, remote, encoded);
    if (first.action !== 'plain') return first.action === 'put' ? { action: 'put', decision: first } : first;
    if (await isLongStream(entry, body)) return decideStream(options, entry, remote);
    const needsSize = remote.state === 'present' && options.mode === 'update';
    let decision = decide(options, needsSize ? await body.size() : entry.size, remote);
    if (decision.action === 'compare') {
      if (compare === undefined || remote.state !== 'present') throw new TypeError('nothing remote to compare with');
      decision = await compare(entry.key, body, { ...remote, head: first.head });
    }
    return decision.action === 'put' ? { action: 'put', decision } : decision;
  }

  /** Carries a put out, over the object that it was decided against and no other. */
  async function carryOut(entry: Entry, decision: PutDecision, remote: RemoteState, planned: Opened): Promise<Result> {
    const opened = isOtherContent(decision.reason)
      ? { ...planned, headers: () => forms.forOtherContent(entry, planned.headers()) }
      : planned;
    const overwrite = overwrites.of({
      entry,
      decision,
      remote,
      async decideAgain(now) {
        const decided = await decideEntry(entry, now, opened);
        return decided.action === 'skip' ? unchanged(entry, decided.reason, now) : undefined;
      },
    });
    if (overwrite === undefined) return replacing(await send(entry, decision, opened), remote);
    return replacing(await send(entry, { ...decision, overwrite }, opened), overwrite.remote);
  }

  async function send(entry: Entry, decision: PutDecision, { body, headers, encoded }: Opened): Promise<Result> {
    const sent = encoded && (await compressed.put(entry, decision, body, headers(), encoded));
    if (sent !== undefined) return sent;
    const put = (await isLongStream(entry, body)) ? performStream : perform;
    return put(entry, body, decision, headers());
  }

  function unchanged(entry: Entry, reason: string, remote: RemoteState): Result {
    const unseen = reason === REASONS.sameContent && forms.givesHeaders(entry);
    const result = skipped(unseen ? REASONS.sameContentOnly : reason, entry.size ?? 0);
    return remote.state === 'present' && remote.etag !== undefined ? { ...result, etag: remote.etag } : result;
  }

  /** Opens the body of an entry for one piece of work, and releases it afterwards. */
  async function withBody<T>(entry: Entry, form: Form, work: (opened: Opened) => Promise<T>): Promise<T> {
    const body = new SourceBody(entry, run.memory, md5, run.stop.signal, form.compress ? 2 : 1);
    try {
      if (!form.compress) return await work({ body, headers: () => form.headers(body), encoded: undefined });
      // Before anything is read, because the first bytes may change the type.
      const headers = form.headers(body);
      return await work({ body, headers: () => headers, encoded: compressed.of(body) });
    } finally {
      body.release();
    }
  }

  const settling = (later?: (write: PlannedWrite) => void): SettleUnit =>
    settleObject<Entry>(run, {
      async settle(entry, listed) {
        try {
          const form = forms.of(entry);
          const found = remoteState(entry.key, listed, (key) => headRemote(run, bucket, key));
          const remote = found instanceof Promise ? await found : found;
          return await withBody(entry, form, async (opened) => {
            const decided = await decideEntry(entry, remote, opened);
            if (decided.action === 'skip') return unchanged(entry, decided.reason, remote);
            const { decision } = decided;
            if (later === undefined) return carryOut(entry, decision, remote, opened);
            const { key, origin, size } = entry;
            later({ kind: 'entry', key, origin, size, entry, form, decision, remote });
            return undefined;
          });
        } finally {
          entry.release?.();
        }
      },
      onUnusable,
    });

  const writing = settleObject<PlannedWrite>(run, {
    async settle({ entry, form, decision, remote }) {
      try {
        return await withBody(entry, form, (opened) => carryOut(entry, decision, remote, opened));
      } finally {
        entry.release?.();
      }
    },
  });

  // What cannot be put, and what the user has not excluded, must be seen without a list of all skips.
  function onUnusable({ origin, action, reason }: Unusable): void {
    if (action === 'skip' && !isLeftOut(reason))
      run.record.warn(`skipped ${origin}`, `${origin} was skipped: ${reason}.`);
  }

  const settleAtOnce = settling();
  return {
    async settle(unit) {
      const outcome = await settleAtOnce(unit);
      if (unit.kind === 'planned') unit.entry.settled?.(outcome, headersSent.get(unit.entry));
      else unit.settled?.(outcome);
      return outcome;
    },
    plan(later) {
      const planned = new WeakSet<Entry>();
      const decideOnly = settling((write) => {
        planned.add(write.entry);
        later(write);
      });
      return async (unit) => {
        const outcome = await decideOnly(unit);
        if (unit.kind === 'unusable') unit.settled?.(outcome);
        else if (!planned.has(unit.entry)) unit.entry.settled?.(outcome);
        return outcome;
      };
    },
    async write(write) {
      const outcome = await writing({ kind: 'planned', entry: write, remote: { state: 'unread' } });
      write.entry.settled?.(outcome, headersSent.get(write.entry));
      return outcome;
    },
  };
}

/** A putter whose results have the headers; those of entries whose `settled` callback takes them are kept for failures, too. */
function keepingHeaders(put: Putter, headersSent: WeakMap<Entry, HeaderMap>): Putter {
  return async (entry, body, decision, headers) => {
    if (entry.settled !== undefined) headersSent.set(entry, headers);
    const result = await put(entry, body, decision, headers);
    return result.action === 'put' ? Object.assign(result, { headers }) : result;
  };
}

/** A stream is read only once, so its bytes cannot be compared before they are sent: what neither mode nor size decides is put. */
function decideStream(
  options: Pick<ResolvedPutOptions, 'mode' | 'compare'>,
  entry: Entry,
  remote: RemoteState,
): Decided {
  const decision = decide(options, entry.size, remote);
  if (decision.action === 'skip') return decision;
  if (decision.action === 'put') return { action: 'put', decision };
  return { action: 'put', decision: { action: 'put', reason: unproven('a stream is read only once') } };
}
