import { setImmediate as nextTurn } from 'node:timers/promises';
import { SourceError, UsageError } from '../../errors.js';
import type { Content } from '../../model/content.js';
import { compareKeys } from '../../model/key-order.js';
import { msg } from '../../report/message.js';
import { samePageError } from '../candidates.js';
import { cutEnd } from '../clean-urls.js';
import { isSame, openFileBy, readPolicy } from '../file.js';
import type { Entry, FileStamp, Found, LeftOut, Unusable } from '../types.js';
import { cutsIn, type Tree } from '../walk/tree.js';
import { contentReader } from './byte-reader.js';
import {
  failedArchive,
  type HardLink,
  judgeMember,
  memberPath,
  memberTarget,
  type NamedMember,
  type TarMember,
  tarMembers,
  unresolvedLink,
} from './tar-format.js';

/** Members handled before the event loop gets a turn. */
const MEMBERS_PER_TURN = 512;

/** A member with the position of its bytes in the archive. */
interface IndexedMember extends NamedMember {
  readonly start: number;
  readonly size: number;
  /** How many characters its key lacks at the end, by clean URLs. */
  readonly cut: number;
}

/** A member as what it becomes: an index page may have the key of its folder, too. */
function indexed(tree: Tree, member: Omit<IndexedMember, 'cut'>): readonly IndexedMember[] {
  const { own, folder } = cutsIn(tree, member.relativePath);
  const itself = { ...member, cut: own };
  const inFolder = folder > 0 && tree.fileKeyPrefix.length + member.relativePath.length > folder;
  return inFolder ? [{ ...member, cut: folder }, itself] : [itself];
}

/**
 * Walks an uncompressed archive in key order. It reads the headers first and skips the bodies; it then reads each member's bytes by range.
 * Throws `UsageError` if two members have the same key; an archive that ends early or is damaged is one more failure at the end.
 */
export async function* walkTar(tree: Tree, signal: AbortSignal): AsyncGenerator<Found, void> {
  const index: ArchiveIndex = { found: [], links: [], stamp: undefined };
  const { found } = index;
  let failure: Unusable | undefined;
  try {
    await readIndex(tree, index, signal);
  } catch (error) {
    signal.throwIfAborted();
    failure = failedArchive(tree.path, error);
  }
  if (index.links.length > 0) await resolveLinks(tree, index, signal);
  found.sort((a, b) => compareKeys(nameOf(a, tree), nameOf(b, tree)));
  refuseDuplicates(found, tree);
  for (const [at, unit] of found.entries()) {
    if (at % MEMBERS_PER_TURN === 0) await nextTurn();
    signal.throwIfAborted();
    if (unit.kind !== 'member') yield unit;
    else if (index.stamp !== undefined) yield entryOf(unit, tree, index.stamp);
  }
  if (failure !== undefined) yield failure;
}

/** What the headers of an archive say. */
interface ArchiveIndex {
  readonly found: (IndexedMember | Unusable | LeftOut)[];
  /** In their order in the archive. */
  readonly links: HardLink[];
  /** Identifies the archive; undefined where it cannot be opened. */
  stamp: FileStamp | undefined;
}

async function readIndex(tree: Tree, index: ArchiveIndex, signal: AbortSignal): Promise<void> {
  await eachMember(tree, signal, index, (member) => {
    const judged = judgeMember(member, tree);
    if (judged?.kind === 'member')
      index.found.push(...indexed(tree, { ...judged, start: member.start, size: member.size }));
    else if (judged?.kind === 'link') index.links.push(judged);
    else if (judged !== undefined) index.found.push(judged);
  });
}

/**
 * Finds the bytes of hard links: those of the last file before them with the name that they give, as unpacking would. Reads the headers once more,
 * because the filter may leave the file itself out.
 */
async function resolveLinks(tree: Tree, { found, links }: ArchiveIndex, signal: AbortSignal): Promise<void> {
  const targets = new Map<string, { readonly start: number; readonly size: number } | undefined>(
    links.map(({ target }) => [target, undefined]),
  );
  const open = [...links];
  try {
    await eachMember(tree, signal, undefined, (member) => {
      const name = memberPath(member);
      const [link] = open;
      let bytes = /^[07]$/.test(member.type) ? { start: member.start, size: member.size } : undefined;
      if (member.type === '1') bytes = targets.get(memberTarget(member));
      if (member.type === '1' && link?.relativePath === name) {
        open.shift();
        const { relativePath, origin, target } = link;
        if (bytes === undefined)
          found.push(unresolvedLink(tree, link, `the archive holds no file "${target}" before it`));
        else found.push(...indexed(tree, { kind: 'member', relativePath, origin, ...bytes }));
      }
      if (targets.has(name)) targets.set(name, bytes);
    });
  } catch {
    // The first reading has the failure.
    signal.throwIfAborted();
  }
  for (const link of open) found.push(unresolvedLink(tree, link, 'the archive changed while it was read'));
}

async function eachMember(
  tree: Tree,
  signal: AbortSignal,
  index: ArchiveIndex | undefined,
  call: (member: TarMember) => void,
): Promise<void> {
  const content = await openFileBy(readPolicy(true), { path: tree.path });
  if (index !== undefined) index.stamp = content.stamp;
  try {
    let handled = 0;
    for await (const member of tarMembers(contentReader(content), { path: tree.path, packed: false })) {
      if (++handled % MEMBERS_PER_TURN === 0) await nextTurn();
      signal.throwIfAborted();
      call(member);
    }
  } finally {
    await content.close();
  }
}

function nameOf(unit: IndexedMember | Unusable | LeftOut, tree: Tree): string {
  return unit.kind === 'member' ? cutEnd(tree.fileKeyPrefix + unit.relativePath, unit.cut) : unit.key;
}

/** Unpacking would keep the last copy, but only the user knows which one the object should be. Members that cannot be put fail separately. */
function refuseDuplicates(found: readonly (IndexedMember | Unusable | LeftOut)[], tree: Tree): void {
  let last: IndexedMember | Unusable | undefined;
  for (const unit of found) {
    if (unit.kind === 'leftOut' || (unit.kind === 'unusable' && unit.action === 'skip')) continue;
    const sameName = last !== undefined && nameOf(last, tree) === nameOf(unit, tree);
    if (last !== undefined && sameName && (last.kind === 'member' || unit.kind === 'member')) {
      const { path, fileKeyPrefix } = tree;
      if (hasCut(last) || hasCut(unit)) throw samePageError(nameOf(unit, tree), last.origin, unit.origin);
      throw new UsageError(
        `The archive "${path}" holds "${nameOf(unit, tree).slice(fileKeyPrefix.length)}" twice: ${describeMember(last)} and ${describeMember(unit)}.`,
        msg`Make the archive anew: appending (tar -r, tar -u) keeps the older copy. Or leave the name out by {exclude}.`,
      );
    }
    last = unit;
  }
}

function hasCut(unit: IndexedMember | Unusable): boolean {
  return unit.kind === 'member' && unit.cut > 0;
}

function describeMember(unit: IndexedMember | Unusable): string {
  return unit.kind === 'member'
    ? `${unit.origin} (its bytes begin at ${unit.start})`
    : `${unit.origin} (${unit.reason})`;
}

function entryOf(member: IndexedMember, tree: Tree, stamp: FileStamp): Entry {
  const { relativePath, origin, start, size, cut } = member;
  return {
    kind: 'entry',
    key: nameOf(member, tree),
    ...(cut > 0 && { plainKey: tree.fileKeyPrefix + relativePath }),
    origin,
    relativePath,
    size,
    member: true,
    open: async () => openRange(tree.path, stamp, start, size),
  };
}

async function openRange(path: string, stamp: FileStamp, offset: number, size: number): Promise<Content> {
  const whole = await openFileBy(readPolicy(true), { path });
  if (!isSame(whole.stamp, stamp)) {
    await whole.close();
    throw new SourceError('SourceChanged', `${path} changed after its members were listed`, {
      hint: 'Wait until the program that writes it has finished, then run again.',
    });
  }
  return {
    size,
    slice: (start, end, into) => whole.slice(offset + start, offset + end, into),
    unchanged: () => whole.unchanged(),
    close: () => whole.close(),
  };
}
