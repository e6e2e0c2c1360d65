import type { FaultKind, S3Mode, Verb } from 'fake-s3';
import fc from 'fast-check';
import type { PutOptions } from '../../src/index.js';

// Random worlds for the deletes of a put: what is local, what is remote, the options, the server, and what goes wrong. What may be deleted is
// decided here from the names alone, by code that shares nothing with the engine.

/** Options that leave files out, and the rule in plain code. Paths are relative to the source. */
export interface Selection {
  readonly options: Partial<PutOptions>;
  /** Whether the name alone leaves a file out, so that its key stays whether or not there is such a file. */
  readonly byName: (path: string) => boolean;
  /** Whether a local file is left out for another reason: only then its key stays. */
  readonly byFile: (path: string, size: number) => boolean;
}

const never = (): boolean => false;
const parts = (path: string): readonly string[] => path.split('/').filter((part) => part !== '');
const isHtml = (path: string): boolean => path.endsWith('.html');
const isMap = (path: string): boolean => parts(path).some((part) => part.endsWith('.map'));
const inB = (path: string): boolean => parts(path).includes('b');

export const SELECTIONS: readonly Selection[] = [
  { options: {}, byName: never, byFile: never },
  { options: { exclude: '*.map' }, byName: isMap, byFile: never },
  { options: { exclude: ['b'] }, byName: inB, byFile: never },
  { options: { exclude: ['/a/**'] }, byName: (path) => path.startsWith('a/'), byFile: never },
  { options: { include: '**/*.html' }, byName: (path) => !parts(path).some(isHtml), byFile: never },
  { options: { hidden: false }, byName: (path) => parts(path).some((part) => part.startsWith('.')), byFile: never },
  { options: { rules: [{ match: '**/*.map', skip: true }] }, byName: isMap, byFile: never },
  { options: { minSize: 10 }, byName: never, byFile: (_path, size) => size < 10 },
  { options: { maxSize: 10 }, byName: never, byFile: (_path, size) => size > 10 },
  { options: { filter: ({ relativePath }) => !inB(relativePath) }, byName: never, byFile: inB },
];

/** What makes keys of paths. */
export interface Naming {
  readonly options: Partial<PutOptions>;
  readonly keyOf: (path: string) => string;
  /** Whether the keys of all paths are known from the paths. */
  readonly plain: boolean;
}

const hooked = (path: string): string => (path.includes('a-b') ? path : `k/${path}`);

export const NAMINGS: readonly Naming[] = [
  { options: {}, keyOf: (path) => path, plain: true },
  { options: {}, keyOf: (path) => path, plain: true },
  { options: { normalize: 'nfc' }, keyOf: (path) => path.normalize('NFC'), plain: true },
  { options: { key: ({ key }) => (key.includes('a-b') ? undefined : `k/${key}`) }, keyOf: hooked, plain: false },
];

export const SOURCES = ['directory', 'directories', 'tar', 'tar.gz', 'items', 'generator'] as const;
export type SourceKind = (typeof SOURCES)[number];

/** What a walk of a directory meets. */
export const TROUBLES = ['none', 'locked file', 'locked folder', 'broken link', 'outside link', 'inside link'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** The name of the link of a trouble. It sorts next to names that begin with it. */
export const LINK = 'b.link';

const segment = fc.constantFrom('a', 'a-b', 'a.b', 'b', 'A', 'e\u0301', '\u00e9', '.h', '\uff5e', '\u{1f600}', 'a b');
const leaf = fc.oneof(segment, fc.constantFrom('a.html', 'b.map', 'index.html', 'x.js', LINK));
const path = fc.tuple(fc.array(segment, { maxLength: 2 }), leaf).map(([above, name]) => [...above, name].join('/'));

const kind: fc.Arbitrary<FaultKind> = fc.constantFrom<FaultKind[]>(
  { type: 'status', status: 500 },
  { type: 'status', status: 503 },
  { type: 'status', status: 400, code: 'InvalidArgument' },
  { type: 'status', status: 403, code: 'AccessDenied' },
  { type: 'status', status: 501, code: 'NotImplemented' },
  { type: 'reset' },
  { type: 'reset', stored: true },
  { type: 'truncate' },
  { type: 'twice' },
  { type: 'error-in-200' },
  { type: 'wrong-etag' },
);
const fault = fc.record({
  kind,
  verb: fc.constantFrom<Verb[]>('ListObjectsV2', 'PutObject', 'HeadObject', 'DeleteObjects', 'DeleteObject'),
  occurrences: fc.oneof(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), fc.constant('all' as const)),
});

const mode: fc.Arbitrary<Partial<S3Mode>> = fc.record({
  order: fc.constantFrom('utf8', 'utf8', 'utf16'),
  pageSize: fc.constantFrom(1, 2, 5, 1000),
  serverHeader: fc.constantFrom('AmazonS3', 'AmazonS3', 'VERSITYGW', 'MinIO', 'Ceph', undefined),
  conditions: fc.constantFrom('honoured', 'honoured', 'ignored', 'refused', 'denied', 'never-met'),
  batchDeletes: fc.constantFrom<S3Mode['batchDeletes'][]>(true, true, false, 'not-allowed'),
  startAfter: fc.constantFrom('supported', 'supported', 'ignored'),
});

export interface World {
  readonly local: readonly string[];
  readonly large: readonly boolean[];
  /** Below the prefix; some end in a slash. */
  readonly remote: readonly string[];
  readonly emptyFolders: readonly string[];
  /** What is remote of each local file. */
  readonly before: readonly ('same' | 'edited' | 'absent')[];
  readonly prefix: string;
  readonly cwd: boolean;
  readonly selection: Selection;
  readonly naming: Naming;
  readonly source: SourceKind;
  readonly trouble: Trouble;
  readonly symlinks: 'inside' | 'skip' | 'follow';
  readonly protect: string | undefined;
  readonly order: 'none' | 'site';
  readonly putMode: 'update' | 'add' | 'stupid';
  readonly concurrency: number;
  readonly dryRun: boolean;
  readonly mode: Partial<S3Mode>;
  readonly faults: readonly {
    readonly kind: FaultKind;
    readonly verb: Verb;
    readonly occurrences: readonly number[] | 'all';
  }[];
  /** When another writer rewrites some keys and adds others. */
  readonly writer: 'deletes' | 'writes' | undefined;
  readonly written: readonly string[];
}

export const world: fc.Arbitrary<World> = fc.record<World>({
  local: fc.uniqueArray(path, { minLength: 1, maxLength: 9 }),
  large: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
  remote: fc.uniqueArray(
    fc.oneof(
      path,
      path,
      path.map((one) => `k/${one}`),
      path.map((one) => `${LINK}/${one}`),
      path.map((one) => `${one}/`),
    ),
    { maxLength: 24 },
  ),
  emptyFolders: fc.uniqueArray(path, { maxLength: 2 }),
  before: fc.array(fc.constantFrom('same' as const, 'edited' as const, 'absent' as const), {
    minLength: 9,
    maxLength: 9,
  }),
  prefix: fc.constantFrom('docs', 'docs', '', 'x/docs/'),
  cwd: fc.constantFrom(false, false, true),
  selection: fc.constantFrom(...SELECTIONS),
  naming: fc.constantFrom(...NAMINGS),
  source: fc.constantFrom(...SOURCES, 'directory' as const, 'directory' as const),
  trouble: fc.constantFrom(...TROUBLES, 'none' as const, 'none' as const, 'none' as const),
  symlinks: fc.constantFrom('inside' as const, 'skip' as const, 'follow' as const),
  protect: fc.constantFrom(undefined, undefined, '*.map'),
  order: fc.constantFrom('none' as const, 'site' as const),
  putMode: fc.constantFrom('update' as const, 'update' as const, 'add' as const, 'stupid' as const),
  concurrency: fc.constantFrom(1, 3, 64),
  dryRun: fc.constantFrom(false, false, false, true),
  mode,
  faults: fc.oneof(fc.constant([]), fc.array(fault, { maxLength: 3 })),
  writer: fc.constantFrom(undefined, undefined, 'deletes' as const, 'writes' as const),
  written: fc.uniqueArray(path, { maxLength: 4 }),
});

/** The paths without those where another one needs a folder. */
export function asFiles(paths: readonly string[]): readonly string[] {
  return paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)));
}

/** All folders of the paths, with a slash at their ends. */
export function foldersOf(paths: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const one of paths)
    for (let slash = one.indexOf('/'); slash >= 0; slash = one.indexOf('/', slash + 1))
      folders.add(one.slice(0, slash + 1));
  return folders;
}

/** What `protect` keeps, in plain code: every file or folder of that ending. */
export const matchesProtect: (path: string) => boolean = isMap;
