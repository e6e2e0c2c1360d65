import { compressedHeaders, headFirstAbove, levelFor, SOURCE_MD5 } from '../../encode/compression.js';
import { codingsOf, type Encoding } from '../../model/encodings.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import { compareEncoded, type EncodedComparison, type EncodedFacts, type RemoteContent } from '../../plan/compare.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Run } from '../../run/run.js';
import type { Entry } from '../../source/types.js';
import type { EntryBody } from '../body/body.js';
import { type EncodedBody, encoder, sentBody } from '../body/compressed-body.js';
import type { Md5 } from '../body/hash.js';
import { type HeadObject, type HeadResult, stateOf } from '../head.js';
import type { PutDecision, Putter, Result } from '../result.js';
import { headFact } from './compare.js';

export interface EncodedContext {
  readonly options: Pick<
    ResolvedPutOptions,
    'mode' | 'compare' | 'gzipLevel' | 'brLevel' | 'zstdLevel' | 'multipartThreshold'
  >;
  readonly perform: Putter;
  /** Undefined where a run sends no request at all. */
  readonly headObject: HeadObject | undefined;
  readonly md5: Md5;
}

/** Compression gains nothing: the entry is sent as it is, by the rules for plain bodies. `head` saves these another HEAD. */
export interface SentPlain {
  readonly action: 'plain';
  readonly head?: RemoteContent['head'];
}

/** The work on entries that may be compressed. Throws what reading and sending throw. */
export interface CompressedEntries {
  /** Compresses the bytes of an entry once they are needed. */
  readonly of: (body: EntryBody, encoding: Encoding) => EncodedBody;
  readonly decide: (entry: Entry, remote: RemoteState, body: EncodedBody) => Promise<Settled>;
  /** Puts the compressed bytes; undefined where compression gains nothing, so that the bytes are to be sent as they are. */
  readonly put: (
    entry: Entry,
    decision: PutDecision,
    body: EntryBody,
    headers: Readonly<Record<string, string>>,
    encoded: EncodedBody,
  ) => Promise<Result | undefined>;
}

type Settled = Exclude<EncodedComparison, { readonly action: 'find' | 'plain' }> | SentPlain;

export function compressedEntries({ memory, stop }: Run, own: EncodedContext): CompressedEntries {
  const { options, perform, headObject, md5 } = own;
  const { signal } = stop;
  const levels = { gzip: options.gzipLevel, br: options.brLevel, zstd: options.zstdLevel };
  const encode = encoder({ levels, md5, signal, most: options.multipartThreshold });

  async function compare(entry: Entry, remote: Remote, body: EncodedBody): Promise<Settled> {
    const { encoding } = body;
    const { size } = entry;
    const headFirst = size !== undefined && size > headFirstAbove(encoding, levelFor(encoding, levels, size));
    let facts: EncodedFacts = remote.metadata === undefined ? {} : { head: recordedMd5(remote, encoding) };
    let head: HeadResult | undefined;
    for (;;) {
      const next = compareEncoded({ compare: options.compare, headFirst }, size, remote, facts);
      if (next.action === 'plain') return head === undefined ? next : { ...next, head: headFact(head) };
      if (next.action !== 'find') return next;
      if (next.fact === 'head') {
        // The object may be stored uncompressed; under KMS its checksum is then all there is to compare.
        const maybePlain = facts.encoded === undefined || facts.encoded === 'no gain';
        head = (await headObject?.(entry.key, 'compressed body', maybePlain ? { checksum: true } : {})) ?? 'absent';
        facts = { ...facts, head: recordedMd5(typeof head === 'string' ? head : stateOf(head), encoding) };
      } else facts = { ...facts, ...(await find(next.fact, body)) };
    }
  }

  async function find(fact: 'encoded' | 'sourceMd5', body: EncodedBody): Promise<EncodedFacts> {
    if (fact === 'sourceMd5') return { sourceMd5: await body.sourceMd5() };
    const encoded = await body.encoded();
    if (encoded === undefined) return { encoded: 'no gain' };
    return { encoded: { size: encoded.content.size, md5: await encoded.md5() } };
  }

  return {
    of: encode,
    async decide(entry, remote, body) {
      if (remote.state === 'present' && options.mode === 'update') return compare(entry, remote, body);
      const decision = decide(options, entry.size, remote);
      return decision.action === 'compare' ? { action: 'plain' } : decision;
    },
    async put(entry, decision, body, headers, encoded) {
      const sent = await encoded.encoded();
      if (sent === undefined) return undefined;
      const compressed = sentBody(body, sent, memory, signal);
      const result = await perform(
        entry,
        compressed,
        decision,
        compressedHeaders(headers, encoded.encoding, sent.sourceMd5),
      );
      const bytes = result.action === 'put' ? sent.content.size : 0;
      return { ...result, bytes, sourceBytes: sent.sourceBytes };
    },
  };
}

type Remote = RemoteContent & Shown;

/** What a HEAD shows of an object's source and encoding. */
type Shown = Pick<Extract<RemoteState, { readonly state: 'present' }>, 'metadata' | 'encoding'>;

function recordedMd5(head: Shown | 'absent' | 'denied', encoding: Encoding): NonNullable<EncodedFacts['head']> {
  if (typeof head === 'string') return head;
  return { sourceMd5: head.metadata?.[SOURCE_MD5], sameEncoding: codingsOf(head.encoding).join() === encoding };
}
