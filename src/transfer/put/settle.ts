import { decideGzip } from '../../encode/compression.js';
import { bytesDecide, typeNameOf, typeOfBytes } from '../../encode/content-type.js';
import { headerWarnings } from '../../encode/header-grammar.js';
import type { ObjectHeaders } from '../../encode/object-headers.js';
import { headersUnderRules, type Rules } from '../../encode/rules.js';
import type { PartSizing } from '../../model/part-layout.js';
import { definedHeaders } from '../../options/common.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import type { HeaderMap, HeaderValues, ItemInfo } from '../../options/types.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Planned } from '../../plan/listing/lookup.js';
import { isLeftOut, REASONS, unproven } from '../../report/reasons.js';
import type { Outcome } from '../../report/types.js';
import type { Run } from '../../run/run.js';
import type { Bucket } from '../../s3/bucket.js';
import { callHook, itemInfo, wrongReturn } from '../../source/candidates.js';
import type { Entry } from '../../source/types.js';
import { type EntryBody, SourceBody } from '../body/body.js';
import type { Md5 } from '../body/hash.js';
import { headObjects, headRemote } from '../head.js';
import { type Putter, type Result, remoteState, replacing, settleObject, skipped } from '../result.js';
import { compareEntries } from './compare.js';
import { dryPutter, putters } from './put-object.js';
import { settleEncoded } from './settle-compressed.js';

/** The headers of one entry, and whether it may be compressed. */
interface Form {
  /** Makes the headers. The type in them may change when the first bytes of `body` are read, which is before they are sent. */
  readonly headers: (body: EntryBody) => HeaderMap;
  readonly compress: boolean;
}

interface OwnHeaders {
  readonly headers: Record<string, string>;
  /** The content type, where it was guessed from a name that leaves something to the bytes. */
  readonly guessed: string | undefined;
}

/** What a put needs beside the run: prepared options, headers and rules, and the destination. */
export interface PutContext {
  readonly options: ResolvedPutOptions;
  readonly headersFor: ObjectHeaders;
  readonly rules: Rules;
  /** Undefined where a run sends no request at all. */
  readonly bucket: Bucket | undefined;
  readonly md5: Md5;
  readonly sizing: PartSizing;
}

/** Returns a function that settles one entry, as `settleObject` does, and calls the entry's `settled` callback, whose error it throws. */
export function settleEntry(run: Run, own: PutContext): (unit: Planned<Entry>) => Promise<Outcome | undefined> {
  const { options, headersFor, rules, bucket, md5 } = own;
  const real = bucket === undefined || options.dryRun ? undefined : putters(run, { ...own, bucket });
  const headersSent = new WeakMap<Entry, HeaderMap>();
  const perform = keepingHeaders(real?.bySize ?? dryPutter, headersSent);
  const stream = settleStream(options, keepingHeaders(real?.stream ?? dryPutter, headersSent));
  const headObject = bucket === undefined ? undefined : headObjects(run, bucket);
  const compare = headObject === undefined ? undefined : compareEntries(run, { ...own, headObject });
  const encoded = settleEncoded(run, { ...own, headObject, perform });
  const headersGiven = givesHeaders(options);
  const typeGiven =
    options.contentType !== 'guess' || (typeof options.headers === 'object' && givesType(options.headers));

  async function handle(
    entry: Entry,
    remote: RemoteState,
    body: EntryBody,
    { headers, compress }: Form,
  ): Promise<Result> {
    const settled = compress ? await encoded(entry, remote, body, headers(body)) : ({ action: 'plain' } as const);
    if (settled.action !== 'plain') return 'attempts' in settled ? settled : unchanged(entry, settled.reason, remote);
    if (entry.stream !== undefined && bucket !== undefined && (await body.outgrows(options.multipartThreshold))) {
      const streamed = await stream(entry, remote, body, () => headers(body));
      return 'attempts' in streamed ? streamed : unchanged(entry, streamed.reason, remote);
    }
    const needsSize = remote.state === 'present' && options.mode === 'update';
    let decision = decide(options, needsSize ? await body.size() : entry.size, remote);
    if (decision.action === 'compare') {
      if (compare === undefined || remote.state !== 'present') throw new TypeError('nothing remote to compare with');
      decision = await compare(entry.key, body, { ...remote, head: settled.head });
    }
    if (decision.action === 'put') return perform(entry, body, decision, headers(body));
    return unchanged(entry, decision.reason, remote);
  }

  function unchanged(entry: Entry, reason: string, remote: RemoteState): Result {
    const given = headersGiven || entry.headers !== undefined || givesAny(rules.resultFor(entry.relativePath).headers);
    const unseen = reason === REASONS.sameContent && given;
    const result = skipped(unseen ? REASONS.sameContentOnly : reason, entry.size ?? 0);
    return remote.state === 'present' && remote.etag !== undefined ? { ...result, etag: remote.etag } : result;
  }

  function formOf(entry: Entry): Form {
    const gzip = entry.gzip ?? rules.resultFor(entry.relativePath).gzip ?? options.gzip;
    if (gzip === false) return { headers: (body) => sentWith(entry, body, headersOf(entry)), compress: false };
    // The content type decides, so the headers are needed now; a hook is called only once.
    const own = headersOf(entry);
    const { headers } = own;
    const { key, relativePath, fileName, size } = entry;
    const { compress } = decideGzip({ gzip, headers, key, relativePath, fileName, size });
    return { headers: (body) => sentWith(entry, body, own), compress };
  }

  function sentWith({ origin }: Entry, body: EntryBody, { headers, guessed }: OwnHeaders): HeaderMap {
    // The bytes are read anyway, and before the headers are sent, so that a better type costs no read.
    if (guessed !== undefined)
      body.onHead((bytes) => {
        const type = typeOfBytes(guessed, bytes);
        headers['content-type'] = type;
        if (type !== guessed && guessed.startsWith(type)) warnNotUtf8(origin);
      });
    return headers;
  }

  function warnNotUtf8(origin: string): void {
    const message = `${origin} is not UTF-8: its content type gets no charset, so that the one which it names itself counts. The same holds for others like it.`;
    run.record.warn('not-utf8', message);
  }

  function headersOf(entry: Entry): OwnHeaders {
    const hook = typeof options.headers === 'function' ? hookHeaders(options.headers, entry) : undefined;
    const own: HeaderValues | undefined = hook === undefined ? entry.headers : { ...hook, ...entry.headers };
    // The usual key ends as the file's own name does, so that most runs look up one name per object.
    const usual = options.key === undefined && entry.fileName === undefined && entry.typeName === undefined;
    const typeName = usual ? entry.key : typeNameOf(entry);
    const ruled = rules.resultFor(entry.relativePath);
    const headers = headersFor(typeName, headersUnderRules(ruled, typeName, own));
    const ruledType = ruled.headers['content-type'];
    let guessed = ruledType === undefined ? !typeGiven : ruledType === 'guess';
    if (own !== undefined) {
      guessed &&= !givesType(own);
      for (const { code, message } of headerWarnings(headers)) run.record.warn(code, message);
    }
    const type = headers['content-type'] ?? '';
    // Encoded bytes show nothing about the text in them.
    guessed &&= headers['content-encoding'] === undefined && bytesDecide(typeName, type);
    return { headers, guessed: guessed ? type : undefined };
  }

  const settle = settleObject<Entry>(run, {
    async settle(entry, listed) {
      let body: EntryBody | undefined;
      try {
        const form = formOf(entry);
        body = new SourceBody(entry, run.memory, md5, run.stop.signal, form.compress ? 2 : 1);
        const found = remoteState(entry.key, listed, (key) => headRemote(run, bucket, key));
        const remote = found instanceof Promise ? await found : found;
        return replacing(await handle(entry, remote, body, form), remote);
      } finally {
        body?.release();
        entry.release?.();
      }
    },
    // What cannot be put, and what the user has not excluded, must be seen without a list of all skips.
    onUnusable({ origin, action, reason }) {
      if (action === 'skip' && !isLeftOut(reason))
        run.record.warn(`skipped ${origin}`, `${origin} was skipped: ${reason}.`);
    },
  });

  return async (unit) => {
    const outcome = await settle(unit);
    if (unit.kind === 'planned') unit.entry.settled?.(outcome, headersSent.get(unit.entry));
    else unit.settled?.(outcome);
    return outcome;
  };
}

/** What the function `headers` returns for an entry. Throws `SourceError` where it throws, or returns anything but an object or undefined. */
function hookHeaders(of: (item: ItemInfo) => HeaderValues | undefined, entry: Entry): HeaderValues | undefined {
  const headers: unknown = callHook('headers', () => of(itemInfo(entry)));
  if (headers === undefined) return undefined;
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers) && !(headers instanceof Promise))
    return definedHeaders(headers as HeaderValues);
  throw wrongReturn(
    'headers',
    headers,
    'an object or undefined',
    'Return for example { "Cache-Control": "no-cache" }.',
  );
}

/** A putter whose results have the headers; those of entries whose `settled` callback takes them are kept for failures, too. */
function keepingHeaders(put: Putter, headersSent: WeakMap<Entry, HeaderMap>): Putter {
  return async (entry, body, decision, headers) => {
    if (entry.settled !== undefined) headersSent.set(entry, headers);
    const result = await put(entry, body, decision, headers);
    return result.action === 'put' ? Object.assign(result, { headers }) : result;
  };
}

const HEADER_OPTIONS = [
  'headers',
  'cacheControl',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'expires',
  'websiteRedirect',
  'acl',
  'metadata',
  'storageClass',
  'sse',
  'sseKmsKeyId',
  'tagging',
] as const;

/** Whether options set headers that an unchanged object may lack. */
function givesHeaders(options: ResolvedPutOptions): boolean {
  return options.contentType !== 'guess' || HEADER_OPTIONS.some((name) => options[name] !== undefined);
}

function givesType(headers: HeaderValues): boolean {
  return Object.keys(headers).some((name) => name.trim().toLowerCase() === 'content-type');
}

function givesAny(headers: HeaderMap): boolean {
  return Object.keys(headers).length > 0;
}

/** Decides about one stream that is longer than memory may hold, and puts it. The caller turns a skip into a result. */
export type SettleStream = (
  entry: Entry,
  remote: RemoteState,
  body: EntryBody,
  headers: () => HeaderMap,
) => Promise<Result | { readonly action: 'skip'; readonly reason: string }>;

/**
 * A stream is read only once, so its bytes cannot be compared before they are sent: what neither mode nor size decides is put.
 * @param put puts the stream, or says what a put would do
 */
function settleStream(options: Pick<ResolvedPutOptions, 'mode' | 'compare'>, put: Putter): SettleStream {
  return async (entry, remote, body, headers) => {
    const decision = decide(options, entry.size, remote);
    if (decision.action === 'skip') return decision;
    const unread = { action: 'put', reason: unproven('a stream is read only once') } as const;
    const putting = decision.action === 'put' ? decision : unread;
    return put(entry, body, putting, headers());
  };
}
