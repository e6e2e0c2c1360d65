import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../../src/model/version.js';

// The rules of docs/architecture.md as tests over the text of src/.

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What lies on the ground: `errors.ts`, which every room may import. */
const GROUND = 'ground';
/** What `src/` itself holds: the public functions. */
const PUBLIC = 'public';
/** From the top floor down. A file imports files of its own room and of the floors below. */
const FLOORS: readonly (readonly string[])[] = [
  ['cli', 'action'],
  [PUBLIC, 'config'],
  ['site', 'cloudfront', 'verify', 'shards', 'batch', 'fleet'],
  ['transfer'],
  ['source'],
  ['plan', 'encode'],
  ['s3'],
  ['run', 'options'],
  ['report', 'model', GROUND],
];
const FACES: readonly string[] = ['cli', 'action'];
/** They know each other as types, also upwards. */
const STAGES: readonly string[] = ['transfer', 'source', 'plan', 'encode', 's3', 'report'];
/** Rooms of one floor that may know each other. */
const NEIGHBOURS: readonly (readonly string[])[] = [
  [PUBLIC, 'config'],
  ['report', 'model', GROUND],
];
/** What a face knows of the floors below the public functions; the last is the credentials of a role, for the Action. */
const KNOWN_TO_FACES: readonly string[] = [PUBLIC, 'config', 'options', 'report', 'model', 'run', GROUND];
const ROLE = 's3/assume-role.ts';
/** Folders within rooms; there is no third level. */
const FOLDERS: readonly string[] = [
  'cli/fleet',
  'cli/help',
  'cli/output',
  'options/rows',
  'plan/listing',
  'report/page',
  's3/answers',
  's3/http',
  's3/middleware',
  's3/sdk',
  's3/wire',
  'source/archive',
  'source/globs',
  'source/walk',
  'transfer/body',
  'transfer/copy',
  'transfer/multipart',
  'transfer/put',
  'transfer/threads',
];
/** Libraries of the GitHub Action alone, whose bundle holds them: whoever installs the package does not need them. */
const BUNDLED: readonly string[] = ['@actions/core', '@aws-sdk/credential-provider-web-identity'];
/** The clients beside that of S3, optional peers, by the rooms that have them. */
const CLIENTS: ReadonlyMap<string, string> = new Map([
  ['@aws-sdk/client-cloudfront', 'cloudfront'],
  ['@aws-sdk/client-s3-control', 'batch'],
]);
/** The queue of a fleet, optional peers. */
const FLEET: readonly string[] = ['bullmq', 'ioredis'];
/** Values in, values out: no system, no network. */
const PURE: readonly string[] = ['site', 'plan', 'encode', 'report', 'model'];
const IO = /^node:(fs|http|http2|https|net|tls|dgram|dns|child_process|worker_threads|cluster)(\/|$)/;
const HOST_WORDS = /\b(process\.(?:env|exit|exitCode|argv|stdout|stderr|stdin)|console)\b/;
const MOST_LINES = 400;
// Site deploys brought about 45 files, what is around a site (CDN, live check, links, redirects, report page) about 60.
// Threads, and all verbs signed here without the SDK, brought about 30.
// More than one machine (jobs, shards, queues) brought about 90.
const MOST_FILES = { 'src/ itself': 13, 'a folder': 24, all: 500 };

interface Import {
  /** A file below src such as `report/text.ts`, or a library's name. */
  readonly target: string;
  readonly local: boolean;
  readonly typeOnly: boolean;
}

/** Source texts by their path below src. */
type Files = ReadonlyMap<string, string>;

function roomOf(file: string): string {
  if (file === 'errors.ts') return GROUND;
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : PUBLIC;
}

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));

const withoutComments = (text: string): string =>
  text.replaceAll(/(^|\s)\/\*[\s\S]*?\*\//g, '$1').replaceAll(/(^|\s)\/\/.*$/gm, '$1');

/** Relies on the formatter: a static import or re-export begins its line. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean): void => {
    const local = specifier.startsWith('.');
    const target = local
      ? path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts')
      : specifier.startsWith('node:')
        ? specifier
        : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    found.push({ target, local, typeOnly });
  };
  const code = withoutComments(text);
  for (const [, kind, specifier] of code.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm))
    add(specifier ?? '', kind !== undefined);
  for (const [, typeOf, specifier] of code.matchAll(/(\btypeof\s+)?\b(?:import|require)\(\s*'([^']+)'/g))
    add(specifier ?? '', typeOf !== undefined);
  return found;
}

/** Why `from` may not import this; undefined where it may. */
function refusal(files: Files, from: string, { target, typeOnly }: Import): string | undefined {
  const [own, other] = [roomOf(from), roomOf(target)];
  if (!files.has(target)) return 'no such file';
  if (floorOf(own) < 0 || own === other) return undefined;
  if (FACES.includes(own) && target !== ROLE && !KNOWN_TO_FACES.includes(other))
    return 'a face knows options, reports and the public functions';
  if (floorOf(other) > floorOf(own)) return undefined;
  if (NEIGHBOURS.some((rooms) => rooms.includes(own) && rooms.includes(other))) return undefined;
  if (typeOnly && STAGES.includes(own) && STAGES.includes(other)) return undefined;
  return floorOf(other) === floorOf(own) ? 'rooms of one floor do not know each other' : 'it lies on a higher floor';
}

function wrongDirections(files: Files): string[] {
  return [...files].flatMap(([from, text]) =>
    importsOf(from, text).flatMap((found) => {
      const why = found.local ? refusal(files, from, found) : undefined;
      return why === undefined ? [] : [`${from} imports ${found.target}: ${why}`];
    }),
  );
}

function wrongLibraries(files: Files): string[] {
  return [...files].flatMap(([from, text]) =>
    importsOf(from, text).flatMap(({ target, local }) => {
      const own = roomOf(from);
      if (local) return [];
      const room = CLIENTS.get(target);
      if (room !== undefined) return own === room ? [] : [`${from}: ${target} belongs in ${room}/`];
      if (FLEET.includes(target)) return own === 'fleet' ? [] : [`${from}: ${target} belongs in fleet/`];
      if (/^(@aws-sdk\/|@smithy\/|undici$)/.test(target) && own !== 's3') return [`${from}: ${target} belongs in s3/`];
      if (target.startsWith('@actions/') && own !== 'action') return [`${from}: ${target} belongs in action/`];
      if (/^(gulp|vinyl|plugin-error)/.test(target)) return [`${from}: ${target} belongs in gulp-plugin/`];
      if (PURE.includes(own) && IO.test(target)) return [`${from}: ${own}/ does no I/O, so not ${target}`];
      if (builtinModules.includes(target)) return [`${from}: write node:${target}`];
      return [];
    }),
  );
}

function cycles(files: Files): string[] {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(' → ')];
    if (done.has(file)) return [];
    done.add(file);
    const next = importsOf(file, files.get(file) ?? '').filter(({ local, target }) => local && files.has(target));
    return next.flatMap((found) => visit(found.target, [...trail, file]));
  };
  return [...files.keys()].flatMap((file) => visit(file, []));
}

/** What reads the variables of AWS in the place of the SDK, which itself reads them of the process. */
const AWS_VARIABLES = 's3/plain-settings.ts';

const hostWords = (files: Files): string[] =>
  [...files].flatMap(([file, text]) => {
    const mayRead = FACES.includes(roomOf(file)) || file === AWS_VARIABLES;
    const word = mayRead ? undefined : HOST_WORDS.exec(withoutComments(text))?.[1];
    return word === undefined ? [] : [`${file} mentions ${word}`];
  });

const src: Files = new Map(
  readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replaceAll('\\', '/'))
    .sort()
    .map((name) => [name, readFileSync(path.join(ROOT, 'src', name), 'utf8')]),
);
/** What two lists do not share, and what the first holds twice. */
const differences = (listed: readonly string[], wanted: readonly string[]): Record<string, readonly string[]> => ({
  missing: wanted.filter((name) => !listed.includes(name)),
  gone: listed.filter((name) => !wanted.includes(name)),
  twice: listed.filter((name, index) => listed.indexOf(name) < index),
});
const NO_DIFFERENCE = { missing: [], gone: [], twice: [] };
const architecture = (): string => readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8');
const contributing = (): string => readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
type Dependencies = Record<'dependencies' | 'devDependencies' | 'peerDependencies', Record<string, string>>;
const packageJson = (): Dependencies & { peerDependenciesMeta: Record<string, { optional: boolean }> } =>
  JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

test('src holds only the rooms of the house', () => {
  assert.deepEqual(
    [...src.keys()].filter((file) => floorOf(roomOf(file)) < 0),
    [],
  );
  const below = [...src.keys()].filter((file) => file.split('/').length > 2).map((file) => path.posix.dirname(file));
  assert.deepEqual([...new Set(below)].sort(), FOLDERS);
});

test('src itself holds few files, and so does each folder', () => {
  const counts = new Map<string, number>();
  for (const file of src.keys()) counts.set(path.posix.dirname(file), (counts.get(path.posix.dirname(file)) ?? 0) + 1);
  assert.ok((counts.get('.') ?? 0) <= MOST_FILES['src/ itself'], `src/ holds ${counts.get('.')} files`);
  for (const [folder, count] of counts) assert.ok(count <= MOST_FILES['a folder'], `${folder}/ holds ${count} files`);
  assert.ok(src.size <= MOST_FILES.all, `${src.size} files`);
});

test('imports point one way: down the floors', () => {
  assert.deepEqual(wrongDirections(src), []);
});

test('each library stays in the folder that may know it', () => {
  assert.deepEqual(wrongLibraries(src), []);
});

test('no file needs itself, not even for its types', () => {
  assert.deepEqual(cycles(src), []);
});

test('nothing outside the faces knows the process or prints', () => {
  assert.deepEqual(hostWords(src), []);
});

test('index.ts re-exports and does nothing else', () => {
  const text = src.get('index.ts');
  assert.ok(text !== undefined, 'src/index.ts exists');
  const rest = withoutComments(text).replaceAll(/^export (type )?\{[^}]*\} from '[^']+';$/gm, '');
  assert.equal(rest.trim(), '');
});

test(`no source file is longer than ${MOST_LINES} lines`, () => {
  const long = [...src].filter(([, text]) => text.trimEnd().split('\n').length > MOST_LINES).map(([file]) => file);
  assert.deepEqual(long, []);
});

test('the libraries that src imports are the dependencies of the package, or optional peers', () => {
  const used = [...src].flatMap(([file, text]) => importsOf(file, text).filter(({ local }) => !local));
  const own = ['s3-parallel-put', 'node:'];
  const targets = used.map(({ target }) => target).filter((target) => !own.some((name) => target.startsWith(name)));
  const bundled = targets.filter((target) => BUNDLED.includes(target));
  const libraries = new Set(targets.filter((target) => !BUNDLED.includes(target)));
  const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta } = packageJson();
  assert.deepEqual([...libraries].sort(), Object.keys({ ...dependencies, ...peerDependencies }).sort());
  for (const library of bundled) assert.ok(library in devDependencies, `${library} is bundled only`);
  for (const peer of Object.keys(peerDependencies)) {
    assert.ok(peer in devDependencies, `${peer} is there for the tests`);
    assert.deepEqual(peerDependenciesMeta[peer], { optional: true });
  }
});

/** Test files that belong to no source file; paths below `test/unit` or `test/parts`, and below src. */
const withoutSource = (tests: readonly string[], sources: readonly string[]): string[] =>
  tests.filter((file) => {
    const name = file.replace(/\.test\.ts$/, '');
    return !sources.some((source) => `${name}-`.startsWith(`${source.replace(/\.ts$/, '')}-`));
  });
const filesBelow = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'));

test('a test of one source file lies where that lies in src, and its name begins with the name of that file', () => {
  const sources = [...src.keys(), ...filesBelow('scripts').map((name) => `scripts/${name}`)];
  // Tests in test/unit itself are about the repository.
  for (const folder of ['test/unit', 'test/parts']) {
    const tests = filesBelow(folder).filter((name) => name.endsWith('.test.ts') && name.includes('/'));
    assert.deepEqual(withoutSource(tests, sources), []);
  }
  const wrong = ['run/pacers.test.ts', 'run/job/pacer.test.ts', 'pacer.test.ts'];
  const right = ['run/pacer.test.ts', 'run/pacer-far-away.test.ts'];
  assert.deepEqual(withoutSource([...wrong, ...right], ['run/pacer.ts', 'put.ts']), wrong);
});

test('the version in the source is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  assert.equal(VERSION, version);
});

test('docs/architecture.md has one line for each folder, and no other', () => {
  const listed = [...architecture().matchAll(/^\| `src\/([^`]*)` \| \S/gm)].map((found) =>
    (found[1] ?? '').replace(/\/$/, ''),
  );
  const folders = [...new Set([...src.keys()].map((file) => path.posix.dirname(file)))].map((name) =>
    name === '.' ? '' : name,
  );
  assert.deepEqual(differences(listed, folders), NO_DIFFERENCE);
});

test('CONTRIBUTING.md has one line for each dependency, and no other', () => {
  const section = /^## Dependencies\n([\s\S]*?)^## /m.exec(contributing())?.[1] ?? '';
  const listed = [...section.matchAll(/^- `([^`]+)`: \S/gm)].map((found) => found[1] ?? '');
  const { dependencies, devDependencies } = packageJson();
  assert.deepEqual(differences(listed, Object.keys({ ...dependencies, ...devDependencies })), NO_DIFFERENCE);
});

test('the rules find what they forbid', () => {
  const house = new Map([
    ['put.ts', "import { walk } from './source/tree.js';\nexport const put = walk;\n"],
    ['errors.ts', "import type { Report } from './report/types.js';\nexport class UsageError extends Error {}\n"],
    ['report/types.ts', 'export interface Report {}\nexport const fold = 1;\n'],
    ['model/key.ts', 'export const key = 1;\n'],
    ['source/tree.ts', "import { UsageError } from '../errors.js';\nexport const walk = UsageError;\n"],
    ['config/layers.ts', 'export const layers = 1;\n'],
    ['s3/bucket.ts', "export const open = () => import('@aws-sdk/client-s3');\n"],
  ]);
  const check = (file: string, text: string): string[] => {
    const files = new Map([...house, [file, text]]);
    return [...wrongDirections(files), ...wrongLibraries(files), ...cycles(files), ...hostWords(files)];
  };
  assert.deepEqual(check('plan/decide.ts', "import { fold } from '../report/types.js';\n"), []);
  assert.deepEqual(check('plan/decide.ts', "import type { walk } from '../source/tree.js';\n"), []);
  assert.deepEqual(check('put.ts', "import { layers } from './config/layers.js';\n"), []);
  assert.deepEqual(check('cli/main.ts', "import { put } from '../put.js';\nconsole.log(put, process.env);\n"), []);
  assert.deepEqual(check('action/role.ts', "const role = () => import('../s3/assume-role.js');\n"), [
    'action/role.ts imports s3/assume-role.ts: no such file',
  ]);
  assert.deepEqual(check('errors.ts', '// console is for the faces\n/** never `process.exit` */\n'), []);
  const forbidden: readonly (readonly [file: string, text: string])[] = [
    ['plan/decide.ts', "import { walk } from '../source/tree.js';\n"],
    ['plan/decide.ts', "import {\n  type Tree,\n  walk,\n} from '../source/tree.js';\n"],
    ['plan/decide.ts', "export { walk } from '../source/tree.js';\n"],
    ['plan/decide.ts', "const late = () => import('../source/tree.js');\n"],
    ['plan/decide.ts', "import { readFile } from 'node:fs/promises';\n"],
    ['encode/rules.ts', "import { put } from '../put.js';\n"],
    ['run/job.ts', "import { open } from '../s3/bucket.js';\n"],
    ['run/job.ts', "import type { open } from '../s3/bucket.js';\n"],
    ['model/etag.ts', "import { readFile } from 'node:fs/promises';\n"],
    ['transfer/send.ts', "import { put } from '../put.js';\n"],
    ['transfer/send.ts', "import type { put } from '../put.js';\n"],
    ['transfer/send.ts', "import { gone } from './gone.js';\n"],
    ['transfer/send.ts', "import type { S3Client } from '@aws-sdk/client-s3';\n"],
    ['transfer/send.ts', "import { readFile } from 'fs/promises';\n"],
    ['transfer/send.ts', 'export const level = process.env.LEVEL;\n'],
    ['transfer/send.ts', "console.log('sent');\n"],
    ['s3/retry.ts', "import { walk } from '../source/tree.js';\n"],
    ['cli/main.ts', "import { open } from '../s3/bucket.js';\n"],
    ['cli/main.ts', "import { walk } from '../source/tree.js';\n"],
    ['cli/main.ts', "import * as core from '@actions/core';\n"],
    ['source/tree.ts', "import { walk } from './tree.js';\n"],
    ['source/tree.ts', "import type { walk } from './tree.js';\n"],
  ];
  for (const [file, text] of forbidden) assert.equal(check(file, text).length, 1, `${file}: ${text}`);
});
