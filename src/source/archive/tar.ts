import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../../errors.js';
import type { Content } from '../../model/content.js';
import { compareKeys } from '../../model/key-order.js';
import { msg } from '../../report/message.js';
import type { Tree } from '../directory.js';
import { openFile, readError } from '../file.js';
import type { Entry, Found, Unusable } from '../types.js';
import { contentReader } from './byte-reader.js';
import { failedArchive, judgeMember, type NamedMember, tarMembers } from './tar-format.js';

/** Members handled before the event loop gets a turn. */
const MEMBERS_PER_TURN = 512;

/** A member with the position of its bytes in the archive. */
interface IndexedMember extends NamedMember {
  readonly start: number;
  readonly size: number;
}

/** Identifies the archive file: opening a member must not read from another one. */
interface Stamp {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
}

/**
 * Walks an uncompressed archive in key order. It reads the headers first and skips the bodies; it then reads each member's bytes by range.
 * Throws `UsageError` if two members have the same key; an archive that ends early or is damaged is one more failure at the end.
 */
export async function* walkTar(tree: Tree, signal: AbortSignal): AsyncGenerator<Found, void> {
  const found: (IndexedMember | Unusable)[] = [];
  let stamp: Stamp | undefined;
  let failure: Unusable | undefined;
  try {
    stamp = stampOf(tree.path);
    await readIndex(tree, found, signal);
  } catch (error) {
    signal.throwIfAborted();
    failure = failedArchive(tree.path, error);
  }
  found.sort((a, b) => compareKeys(nameOf(a, tree), nameOf(b, tree)));
  refuseDuplicates(found, tree);
  for (const [index, unit] of found.entries()) {
    if (index % MEMBERS_PER_TURN === 0) await nextTurn();
    signal.throwIfAborted();
    if (unit.kind === 'unusable') yield unit;
    else if (stamp !== undefined) yield entryOf(unit, tree, stamp);
  }
  if (failure !== undefined) yield failure;
}

async function readIndex(tree: Tree, found: (IndexedMember | Unusable)[], signal: AbortSignal): Promise<void> {
  const content = openFile(tree.path);
  try {
    let handled = 0;
    for await (const member of tarMembers(contentReader(content), { path: tree.path, packed: false })) {
      if (++handled % MEMBERS_PER_TURN === 0) await nextTurn();
      signal.throwIfAborted();
      const judged = judgeMember(member, tree);
      if (judged?.kind === 'member') found.push({ ...judged, start: member.start, size: member.size });
      else if (judged !== undefined) found.push(judged);
    }
  } finally {
    await content.close();
  }
}

function nameOf(unit: IndexedMember | Unusable, tree: Tree): string {
  return unit.kind === 'member' ? tree.fileKeyPrefix + unit.relativePath : unit.key;
}

/** Unpacking would keep the last copy, but only the user knows which one the object should be. Members that cannot be put fail separately. */
function refuseDuplicates(found: readonly (IndexedMember | Unusable)[], tree: Tree): void {
  let last: IndexedMember | Unusable | undefined;
  for (const unit of found) {
    if (unit.kind === 'unusable' && unit.action === 'skip') continue;
    const sameName = last !== undefined && nameOf(last, tree) === nameOf(unit, tree);
    if (last !== undefined && sameName && (last.kind === 'member' || unit.kind === 'member')) {
      const { path, fileKeyPrefix } = tree;
      throw new UsageError(
        `The archive "${path}" holds "${nameOf(unit, tree).slice(fileKeyPrefix.length)}" twice: ${describeMember(last)} and ${describeMember(unit)}.`,
        msg`Make the archive anew: appending (tar -r, tar -u) keeps the older copy. Or leave the name out by {exclude}.`,
      );
    }
    last = unit;
  }
}

function describeMember(unit: IndexedMember | Unusable): string {
  return unit.kind === 'member'
    ? `${unit.origin} (its bytes begin at ${unit.start})`
    : `${unit.origin} (${unit.reason})`;
}

function entryOf({ relativePath, origin, start, size }: IndexedMember, tree: Tree, stamp: Stamp): Entry {
  return {
    kind: 'entry',
    key: tree.fileKeyPrefix + relativePath,
    origin,
    relativePath,
    size,
    member: true,
    open: async () => openRange(tree.path, stamp, start, size),
  };
}

async function openRange(path: string, stamp: Stamp, offset: number, size: number): Promise<Content> {
  const whole = openFile(path);
  try {
    const now = stampOf(path);
    if (now.size !== stamp.size || now.mtimeNs !== stamp.mtimeNs || now.ino !== stamp.ino) {
      throw new SourceError('SourceChanged', `${path} changed after its members were listed`, {
        hint: 'Wait until the program that writes it has finished, then run again.',
      });
    }
  } catch (error) {
    await whole.close();
    throw error;
  }
  return {
    size,
    slice: (start, end, into) => whole.slice(offset + start, offset + end, into),
    unchanged: () => whole.unchanged(),
    close: () => whole.close(),
  };
}

function stampOf(path: string): Stamp {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    throw readError(path, error);
  }
}
