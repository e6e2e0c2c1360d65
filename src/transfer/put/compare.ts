import { endsInPartCount, isMd5 } from '../../model/etag.js';
import type { PartSizing } from '../../model/part-layout.js';
import {
  type Comparison,
  compareContent,
  type Facts,
  type KmsUse,
  type NeededFact,
  type RemoteContent,
} from '../../plan/compare.js';
import type { Run } from '../../run/run.js';
import type { EntryBody } from '../body/body.js';
import { etagInParts, type Md5 } from '../body/hash.js';
import type { HeadObject, HeadResult } from '../head.js';

export interface CompareContext {
  readonly sizing: PartSizing;
  readonly headObject: HeadObject;
  readonly md5: Md5;
}

/** Compares one entry with the remote object, by the fewest facts; at once where the MD5 of a small file decides. Throws what finding a fact throws. */
export type CompareEntry = (key: string, body: EntryBody, remote: RemoteContent) => Compared | Promise<Compared>;

type Compared = Exclude<Comparison, { readonly action: 'find' }>;

/**
 * Returns a function that finds the facts that the comparison of one entry needs. What one HEAD shows about KMS is assumed for the whole run: a wrong
 * guess costs a request or a put, never a wrong skip.
 */
export function compareEntries(
  { signal }: Pick<Run, 'signal'>,
  { headObject, md5, sizing }: CompareContext,
): CompareEntry {
  let kms: KmsUse = 'unknown';
  let firstHead: Promise<unknown> | undefined;

  async function head(key: string, remote: RemoteContent): Promise<Facts> {
    const plain = !endsInPartCount(remote.etag);
    const answer = headObject(key, plain ? 'KMS or not' : 'multipart ETag', { checksum: true });
    if (plain && kms === 'unknown') firstHead = answer.catch(() => {});
    const fact = headFact(await answer);
    if (plain) learn(fact);
    return { head: fact };
  }

  function learn(head: Facts['head']): void {
    if (typeof head === 'object') kms = head.kms ? 'yes' : kms === 'unknown' ? 'no' : kms;
  }

  async function firstPart(key: string): Promise<Facts> {
    const found = await headObject(key, 'multipart ETag', { partNumber: 1 });
    return { firstPart: typeof found === 'string' ? found : { size: found.size, kms: found.kms === true } };
  }

  async function find(wanted: NeededFact, key: string, body: EntryBody, remote: RemoteContent): Promise<Facts> {
    switch (wanted.fact) {
      case 'md5':
        return { md5: await body.md5() };
      case 'etagInParts': {
        const { partSize } = wanted;
        return {
          etagInParts: { partSize, etag: await body.measure((content) => etagInParts(content, partSize, md5, signal)) },
        };
      }
      case 'localChecksum':
        return {
          localChecksum: { value: await body.measure((content) => md5.checksum(wanted.algorithm, content, signal)) },
        };
      case 'firstPart':
        return firstPart(key);
      case 'head':
        return head(key, remote);
    }
  }

  function nextStep(remote: RemoteContent, facts: Facts): Comparison {
    return compareContent(remote, facts, remote.kms === false ? 'no' : kms, sizing);
  }

  async function findAndCompare(key: string, body: EntryBody, remote: RemoteContent, known: Facts): Promise<Compared> {
    for (let facts = known; ; ) {
      const next = nextStep(remote, facts);
      if (next.action !== 'find') return next;
      // The first mismatch of the run sends a HEAD; the others wait for what it shows.
      if (next.fact.fact === 'head' && kms === 'unknown' && firstHead !== undefined) {
        await firstHead;
        if (kms !== 'unknown') continue;
      }
      facts = { ...facts, ...(await find(next.fact, key, body, remote)) };
    }
  }

  return (key, body, remote) => {
    const { etag, head } = remote;
    if (head !== undefined && !endsInPartCount(etag)) learn(head);
    if (remote.kms !== undefined && kms === 'unknown') kms = remote.kms ? 'yes' : 'no';
    // Most objects are compared so: asking the plan first which fact is missing would take as long as the answer.
    if (head === undefined && kms !== 'yes' && isMd5(etag)) {
      const md5 = body.md5();
      if (typeof md5 !== 'string') return md5.then((found) => findAndCompare(key, body, remote, { md5: found }));
      const facts = { md5 };
      const decided = nextStep(remote, facts);
      return decided.action === 'find' ? findAndCompare(key, body, remote, facts) : decided;
    }
    const facts: Facts = head === undefined ? NO_FACTS : { head };
    const next = nextStep(remote, facts);
    return next.action === 'find' ? findAndCompare(key, body, remote, facts) : next;
  };
}

const NO_FACTS: Facts = {};

/** What a HEAD with checksum mode contributes to a comparison. */
export function headFact(headed: HeadResult): NonNullable<Facts['head']> {
  return typeof headed === 'string' ? headed : { kms: headed.kms === true, checksum: headed.checksum };
}
