import { DECIDING_BYTES } from '../../encode/content-type.js';
import type { HeaderMap } from '../../options/types.js';
import { type Decision, decide, decideStream, type RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { isLeftOut, isOtherContent, REASONS } from '../../report/reasons.js';
import type { HeaderChange, Outcome } from '../../report/types.js';
import type { RunRecord } from '../../run/record.js';
import type { Run } from '../../run/run.js';
import type { Entry, Unusable } from '../../source/types.js';
import { type EntryBody, SourceBody } from '../body/body.js';
import type { EncodedBody } from '../body/compressed-body.js';
import { selfCopier } from '../copy/onto-itself.js';
import { headObjects, headRemote, keptHeads, stateOf } from '../head.js';
import { type PutDecision, type Result, replacing, settleObject, skipped } from '../result.js';
import { compareEntries } from './compare.js';
import type { PlannedWrite, PutContext, PutWork, SettleUnit } from './context.js';
import { entryForms, type Form, type FormHeaders } from './form.js';
import { type HeaderUpdate, type HeaderUpdateContext, type HeaderUpdates, headerUpdates } from './header-update.js';
import { changedAgain, countConflict, overwritesOf, unseen } from './overwrite.js';
import { dryPutter, keepingHeaders, putters } from './put-object.js';
import { redirectHeaders } from './redirects.js';
import { compressedEntries } from './settle-compressed.js';
import { smallFiles } from './small-files.js';
import { isAsListed } from './unchanged-files.js';

/** What the contents decide about one entry. */
type Compared = (
  | { readonly action: 'skip'; readonly reason: string }
  | { readonly action: 'put'; readonly decision: PutDecision }
) & {
  /** Its bytes are compressed, in the bucket or in the source, and compared so. */
  readonly compressed?: boolean;
};

/** What is decided about one entry, and about which object under its key. */
type Decided = { readonly remote: RemoteState } & (
  | { readonly action: 'skip'; readonly reason: string; readonly changes?: readonly HeaderChange[] }
  | { readonly action: 'put'; readonly decision: PutDecision }
  | { readonly action: 'update'; readonly update: HeaderUpdate }
);

/** The bytes of one entry while it is worked on. */
interface Opened {
  readonly body: EntryBody;
  /** Its headers. The type in them may change when its first bytes are read. */
  readonly headers: () => FormHeaders;
  /** Its bytes compressed, where they may be. */
  readonly encoded: EncodedBody | undefined;
}

/** What cannot be put, and what the user has not excluded, must be seen without a list of all skips. */
export function warnOfSkipped({ warn }: Pick<RunRecord, 'warn'>, { origin, action, reason }: Unusable): void {
  if (action === 'skip' && !isLeftOut(reason)) warn(`skipped ${origin}`, `${origin} was skipped: ${reason}.`);
}

/** Returns the work on entries. It calls an entry's `settled` callback with its outcome. */
export function putWork(run: Run, own: PutContext): PutWork {
  const { options, bucket, md5 } = own;
  const real = bucket === undefined || options.dryRun ? undefined : putters(run, { ...own, bucket });
  const headersSent = new WeakMap<Entry, HeaderMap>();
  const perform = keepingHeaders(real?.bySize ?? dryPutter, headersSent);
  const performStream = keepingHeaders(real?.stream ?? dryPutter, headersSent);
  const headObject = bucket === undefined ? undefined : headObjects(run, bucket, options.updateHeaders);
  const kept = headObject === undefined || !options.updateHeaders ? undefined : keptHeads(headObject);
  const comparing = kept?.headObject ?? headObject;
  const compare = comparing === undefined ? undefined : compareEntries(run, { ...own, headObject: comparing });
  const compressed = compressedEntries(run, { ...own, headObject: comparing, perform });
  const redirecting = redirectHeaders(run.record, bucket);
  const forms = entryForms(run.record, { ...own, redirecting });
  const overwrites = overwritesOf(run.record, options);
  const { direct } = own;
  const small =
    real === undefined || direct === undefined
      ? undefined
      : smallFiles(run, { direct, forms, options, open: (entry) => open(entry, forms.of(entry)) });
  const updates =
    bucket === undefined || headObject === undefined
      ? undefined
      : updatesOf(run, { ...own, bucket, headObject, redirecting });

  /** Undefined where the headers of an entry are not compared. */
  function updatesFor({ redirect }: Entry): HeaderUpdates | undefined {
    return options.updateHeaders || redirect !== undefined ? updates : undefined;
  }

  /** A stream that is read in parts, because it is longer than memory may hold. */
  async function isLongStream({ stream }: Entry, body: EntryBody): Promise<boolean> {
    return stream !== undefined && bucket !== undefined && (await body.outgrows(options.multipartThreshold));
  }

  async function compareEntry(entry: Entry, remote: RemoteState, { body, encoded }: Opened): Promise<Compared> {
    const first =
      encoded === undefined ? ({ action: 'plain' } as const) : await compressed.decide(entry, remote, encoded);
    if (first.action === 'put') return { action: 'put', decision: first };
    if (first.action === 'skip') return { ...first, compressed: true };
    if (await isLongStream(entry, body)) return compared(decideStream(options, entry.size, remote));
    const needsSize = remote.state === 'present' && options.mode === 'update';
    // Two redirects may have pages of one size.
    const how = entry.redirect === undefined ? options : { ...options, compare: 'content' as const };
    let decision = decide(how, needsSize ? await body.size() : entry.size, remote);
    if (decision.action === 'compare') {
      if (compare === undefined || remote.state !== 'present') throw new TypeError('nothing remote to compare with');
      decision = await compare(entry.key, body, { ...remote, head: first.head });
    }
    return compared(decision);
  }

  /** Most decisions need nothing but the listing: for those a promise would cost more than the decision. */
  function decideNow(entry: Entry, remote: RemoteState, { encoded }: Opened): Decided | undefined {
    const { size, stream, redirect } = entry;
    if (encoded !== undefined || stream !== undefined || redirect !== undefined || size === undefined) return undefined;
    const decision = decide(options, size, remote);
    if (decision.action === 'put') return { action: 'put', decision, remote };
    return decision.action === 'skip' && updates === undefined ? { ...decision, remote } : undefined;
  }

  async function decideEntry(entry: Entry, listed: RemoteState, opened: Opened): Promise<Decided> {
    const updates = updatesFor(entry);
    let changed = false;
    for (let remote = listed; ; ) {
      const compared = await compareEntry(entry, remote, opened);
      const head = kept?.take(entry.key);
      if (compared.action === 'put') return { ...(changed ? metAnother(entry, compared) : compared), remote };
      const { reason } = compared;
      if (updates === undefined || remote.state !== 'present') return { ...compared, remote };
      await opened.body.seeHeadOnce(DECIDING_BYTES);
      const compressedBy = compared.compressed === true ? opened.encoded?.encoding : undefined;
      const { size, etag, headers = head?.headers } = remote;
      const isSame = head === undefined || (head.etag === etag && head.size === size);
      const form = opened.headers();
      const found = await updates.compare(entry, isSame ? { ...remote, headers } : remote, {
        ...form,
        compressedBy,
        whenReused: forms.whenReused(form.headers),
      });
      switch (found.is) {
        case 'same':
          return { action: 'skip', reason, remote };
        case 'unseen':
          return { action: 'skip', reason: reason === REASONS.sameContent ? REASONS.sameContentOnly : reason, remote };
        case 'left':
          return { action: 'skip', reason: REASONS.headersDifferLeft, changes: found.changes, remote };
        case 'different':
          return { action: 'update', update: found.update, remote };
        case 'changed':
          remote = found.remote;
          changed = remote.state === 'present';
      }
    }
  }

  /** A put over content that another writer has stored since the listing. */
  function metAnother<T extends { readonly decision: PutDecision }>(entry: Entry, put: T): T {
    countConflict(run.record, { bucket: options.bucket }, entry);
    return { ...put, decision: { ...put.decision, reason: REASONS.changed } };
  }

  /**
   * Carries a put out, over the object that it was decided against and no other.
   * @param sent with other headers than those that are compared
   */
  async function carryOut(
    entry: Entry,
    decision: PutDecision,
    remote: RemoteState,
    opened: Opened,
    sent: Opened = ofOtherContent(entry, decision, opened),
  ): Promise<Result> {
    if (remote.state !== 'present') return send(entry, decision, sent);
    const overwrite = overwrites.of({
      entry,
      decision,
      remote,
      async decideAgain(now) {
        const decided = await decideEntry(entry, now, opened);
        if (decided.action === 'skip') return unchanged(entry, decided);
        return decided.action === 'update'
          ? setHeaders(entry, decided.update, decided.remote, opened, true)
          : undefined;
      },
    });
    if (overwrite === undefined) return replacing(await send(entry, decision, sent), remote);
    return replacing(await send(entry, { ...decision, overwrite }, sent), overwrite.remote);
  }

  function ofOtherContent(entry: Entry, { reason }: PutDecision, opened: Opened): Opened {
    if (!isOtherContent(reason)) return opened;
    return {
      ...opened,
      headers() {
        const own = opened.headers();
        return { ...own, headers: forms.forOtherContent(entry, own.headers) };
      },
    };
  }

  function send(entry: Entry, decision: PutDecision, opened: Opened): Promise<Result> {
    const { body, headers, encoded } = opened;
    if (encoded !== undefined || entry.stream !== undefined) return sendOther(entry, decision, opened);
    return perform(entry, body, decision, headers().headers);
  }

  /** Sends what may be compressed, or may be longer than memory. */
  async function sendOther(entry: Entry, decision: PutDecision, { body, headers, encoded }: Opened): Promise<Result> {
    const sent = encoded && (await compressed.put(entry, decision, body, headers().headers, encoded));
    if (sent !== undefined) return sent;
    const put = (await isLongStream(entry, body)) ? performStream : perform;
    return put(entry, body, decision, headers().headers);
  }

  /**
   * Sets headers of an object with the same content.
   * @param again another writer has changed the object once before
   */
  async function setHeaders(
    entry: Entry,
    update: HeaderUpdate,
    remote: RemoteState,
    opened: Opened,
    again = false,
  ): Promise<Result> {
    const size = remote.state === 'present' ? remote.size : 0;
    const putWith = (headers: HeaderMap, etag: string | undefined) => {
      const over: RemoteState = remote.state === 'present' ? { ...remote, etag } : remote;
      const sent = { ...opened, headers: () => ({ headers, removed: [] }) };
      return carryOut(entry, { action: 'put', reason: REASONS.headersDiffer }, over, opened, sent);
    };
    if (updates === undefined) throw new TypeError('nothing compares headers');
    const ended = await updates.carryOut(entry, size, update, putWith);
    if (ended.end === 'done') return ended.result;
    if (ended.end === 'left')
      return unchanged(entry, { reason: REASONS.headersDifferLeft, changes: ended.changes, remote });
    const { error, met } = ended;
    if (met === 'unseen') throw unseen(error);
    if (met === 'absent') {
      const absent = { state: 'absent', proof: 'proven' } as const;
      return carryOut(entry, { action: 'put', reason: REASONS.new }, absent, opened);
    }
    if (again) throw changedAgain(error);
    const decided = await decideEntry(entry, stateOf(met), opened);
    if (decided.action === 'skip') return unchanged(entry, decided);
    countConflict(run.record, error, entry);
    if (decided.action === 'update') return setHeaders(entry, decided.update, decided.remote, opened, true);
    return carryOut(entry, { ...decided.decision, reason: REASONS.changed }, decided.remote, opened);
  }

  function unchanged(
    entry: Entry,
    { reason, remote, changes }: Pick<Extract<Decided, { action: 'skip' }>, 'reason' | 'remote' | 'changes'>,
  ): Result {
    const unseen = updatesFor(entry) === undefined && reason === REASONS.sameContent && forms.givesHeaders(entry);
    const result: { -readonly [Name in keyof Result]: Result[Name] } = skipped(
      unseen ? REASONS.sameContentOnly : reason,
      entry.size ?? 0,
    );
    if (changes !== undefined) result.headerChanges = changes;
    if (remote.state === 'present' && remote.etag !== undefined) result.etag = remote.etag;
    return result;
  }

  /** Opens the body of an entry. The caller releases it. */
  function open(entry: Entry, form: Form): Opened {
    const body = new SourceBody(entry, run.memory, md5, run.stop.signal, form.compress === undefined ? 1 : 2);
    if (form.compress === undefined && updatesFor(entry) === undefined)
      return { body, headers: () => form.headers(body), encoded: undefined };
    // Before anything is read, because the first bytes may change the type.
    const headers = form.headers(body);
    return { body, headers: () => headers, encoded: form.compress && compressed.of(body, form.compress) };
  }

  /** @param held what is left for later: everything that is written, or headers alone */
  const settling = (later?: (write: PlannedWrite) => void, held: 'all' | 'updates' = 'all'): SettleUnit =>
    settleObject<Entry>(run, {
      atOnce: (entry, remote) =>
        bucket !== undefined && forms.isPlain(entry) && isAsListed(options, entry, remote)
          ? unchanged(entry, { reason: REASONS.sameContent, remote })
          : undefined,
      short: later === undefined || held === 'updates' ? small?.entries : undefined,
      // One function, because this is done for every object: each more that waits for another costs about a microsecond.
      async settle(entry, listed) {
        let opened: Opened | undefined;
        try {
          const form = forms.of(entry);
          const found =
            listed.state === 'unlisted' ? headRemote(run, bucket, entry.key, updatesFor(entry) !== undefined) : listed;
          const remote = found instanceof Promise ? await found : found;
          opened = open(entry, form);
          const decided = decideNow(entry, remote, opened) ?? (await decideEntry(entry, remote, opened));
          if (decided.action === 'skip') return unchanged(entry, decided);
          if (later === undefined || (held === 'updates' && decided.action !== 'update'))
            return await act(entry, decided, opened);
          const { key, origin, size } = entry;
          later({ kind: 'entry', key, origin, size, entry, form, ...planned(decided) });
          return undefined;
        } finally {
          opened?.body.release();
          entry.release?.();
        }
      },
      onUnusable: (unit) => warnOfSkipped(run.record, unit),
    });

  function act(entry: Entry, decided: Exclude<Decided, { action: 'skip' }>, opened: Opened): Promise<Result> {
    const { remote } = decided;
    return decided.action === 'put'
      ? carryOut(entry, decided.decision, remote, opened)
      : setHeaders(entry, decided.update, remote, opened);
  }

  const writing = settleObject<PlannedWrite>(run, {
    short: small?.writes,
    async settle({ entry, form, decision, remote, update }) {
      let opened: Opened | undefined;
      try {
        opened = open(entry, form ?? forms.of(entry));
        if (update !== undefined) return await setHeaders(entry, update, remote, opened);
        return await carryOut(entry, decision, remote, opened);
      } finally {
        opened?.body.release();
        entry.release?.();
      }
    },
  });

  function holding(later: (write: PlannedWrite) => void, held: 'all' | 'updates'): SettleUnit {
    const kept = new WeakSet<Entry>();
    const settle = settling((write) => {
      kept.add(write.entry);
      later(write);
    }, held);
    return async (unit) => {
      const outcome = await settle(unit);
      if (unit.kind === 'unusable') unit.settled?.(outcome);
      else if (!kept.has(unit.entry)) unit.entry.settled?.(outcome, headersSent.get(unit.entry));
      return outcome;
    };
  }

  const settleAtOnce = settling();

  async function settleAndCall(unit: Planned<Entry>): Promise<Outcome | undefined> {
    const outcome = await settleAtOnce(unit);
    if (unit.kind === 'planned') unit.entry.settled?.(outcome, headersSent.get(unit.entry));
    else unit.settled?.(outcome);
    return outcome;
  }

  return {
    settle(unit) {
      const { settled } = unit.kind === 'planned' ? unit.entry : unit;
      return settled === undefined ? settleAtOnce(unit) : settleAndCall(unit);
    },
    settleBut: (later) => holding(later, 'updates'),
    plan: (later) => holding(later, 'all'),
    finish: () => updates?.finish(),
    async write(write) {
      const outcome = await writing({ kind: 'planned', entry: write, remote: { state: 'unread' } });
      write.entry.settled?.(outcome, headersSent.get(write.entry));
      return outcome;
    },
  };
}

function compared(decision: Exclude<Decision, { readonly action: 'compare' }>): Compared {
  return decision.action === 'put' ? { action: 'put', decision } : decision;
}

/** What is kept of a decision until it is carried out: of a HEAD no more than that needs. */
function planned(decided: Exclude<Decided, { action: 'skip' }>): Pick<PlannedWrite, 'decision' | 'remote' | 'update'> {
  const { state, ...seen } = decided.remote as Present;
  const remote = state === 'present' ? { state, size: seen.size, etag: seen.etag } : decided.remote;
  if (decided.action === 'put') return { decision: decided.decision, remote };
  return { decision: { action: 'put', reason: REASONS.headersDiffer }, remote, update: decided.update };
}

type Present = Extract<RemoteState, { readonly state: 'present' }>;

/** Undefined where no headers are compared. */
function updatesOf(
  run: Run,
  own: PutContext & Pick<HeaderUpdateContext, 'bucket' | 'headObject' | 'redirecting'>,
): HeaderUpdates | undefined {
  const { mode, updateHeaders } = own.options;
  if (!updateHeaders && (mode !== 'update' || own.redirects.length === 0)) return undefined;
  let copier: ReturnType<typeof selfCopier> | undefined;
  return headerUpdates(run, {
    ...own,
    dryRun: own.options.dryRun,
    onlyRedirects: !updateHeaders,
    copyLarge(object) {
      copier ??= selfCopier(run, own);
      return copier(object);
    },
  });
}
