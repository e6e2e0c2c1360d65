import { gzipHeaders, SOURCE_MD5 } from '../../encode/compression.js';
import type { ResolvedPutOptions } from '../../options/resolved.js';
import { compareEncoded, type EncodedComparison, type EncodedFacts, type RemoteContent } from '../../plan/compare.js';
import { decide, type RemoteState } from '../../plan/decide.js';
import type { Run } from '../../run/run.js';
import type { Entry } from '../../source/types.js';
import type { EntryBody } from '../body/body.js';
import { type EncodedBody, encoder, sentBody } from '../body/compressed-body.js';
import type { Md5 } from '../body/hash.js';
import type { HeadObject, HeadResult } from '../head.js';
import type { PutDecision, Putter, Result } from '../result.js';
import { headFact } from './compare.js';

export interface EncodedContext {
  readonly options: Pick<ResolvedPutOptions, 'mode' | 'compare' | 'gzipLevel' | 'multipartThreshold'>;
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
  readonly of: (body: EntryBody) => EncodedBody;
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
  const encode = encoder({ level: options.gzipLevel, md5, signal, most: options.multipartThreshold });

  async function compare(entry: Entry, remote: Remote, body: EncodedBody): Promise<Settled> {
    let facts: EncodedFacts = remote.metadata === undefined ? {} : { head: { sourceMd5: remote.metadata[SOURCE_MD5] } };
    let head: HeadResult | undefined;
    for (;;) {
      const next = compareEncoded(options.compare, entry.size, remote, facts);
      if (next.action === 'plain') return head === undefined ? next : { ...next, head: headFact(head) };
      if (next.action !== 'find') return next;
      if (next.fact === 'head') {
        // The object may be stored uncompressed; under KMS its checksum is then all there is to compare.
        const maybePlain = facts.encoded === undefined || facts.encoded === 'no gain';
        head = (await headObject?.(entry.key, 'compressed body', maybePlain ? { checksum: true } : {})) ?? 'absent';
        facts = { ...facts, head: recordedMd5(head) };
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
      const result = await perform(entry, compressed, decision, gzipHeaders(headers, sent.sourceMd5));
      const bytes = result.action === 'put' ? sent.content.size : 0;
      return { ...result, bytes, sourceBytes: sent.sourceBytes };
    },
  };
}

type Remote = RemoteContent & { readonly metadata?: Readonly<Record<string, string>> | undefined };

function recordedMd5(head: HeadResult): NonNullable<EncodedFacts['head']> {
  return typeof head === 'string' ? head : { sourceMd5: head.metadata?.[SOURCE_MD5] };
}
