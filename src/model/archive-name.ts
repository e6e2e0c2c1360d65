/** How the members of an archive are packed: not at all, or as one compressed stream. */
export type ArchiveKind = 'tar' | 'gzip' | 'zstd';

const KINDS: readonly (readonly [ending: RegExp, kind: ArchiveKind])[] = [
  [/\.tar$/i, 'tar'],
  [/\.(?:tar\.gz|tgz)$/i, 'gzip'],
  [/\.(?:tar\.zst|tzst)$/i, 'zstd'],
];

/** The kind of archive that a path names by its ending; undefined for everything else. */
export function archiveKind(path: string): ArchiveKind | undefined {
  return KINDS.find(([ending]) => ending.test(path))?.[1];
}
