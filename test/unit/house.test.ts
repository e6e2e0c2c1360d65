import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { VERSION } from '../../src/version.js';

// The house rules of CONTRIBUTING.md, "Where things live", as tests over the text of src/.

const ROOT = path.resolve(import.meta.dirname, '../..');
const FACES: readonly string[] = ['cli', 'action'];
const STAGES: readonly string[] = ['source', 'plan', 'encode', 'transfer', 'report'];
/** What faces share: options as texts and files give them. */
const SETTINGS = 'settings';
/** The option table, a file for each group of its rows. */
const ROWS = 'option-rows';
const FOLDERS: readonly string[] = [...FACES, ...STAGES, SETTINGS, ROWS, 's3'];
/** The folders within them; there is no third level. */
const SUBFOLDERS: readonly string[] = ['s3/http', 'transfer/copy', 'transfer/parts'];
/** The modules that string stages together, and so begin with opening the bucket. */
const STRINGERS: readonly string[] = ['put.ts', 'copy.ts', 'uploads.ts', 'assumed-role.ts'];
/** Libraries of the GitHub Action alone, whose bundle holds them: whoever installs the package does not need them. */
const BUNDLED: readonly string[] = ['@actions/core', '@aws-sdk/credential-provider-web-identity'];
/** Stages that are values in, values out: no system, no network. */
const PURE: readonly string[] = ['plan', 'encode', 'report'];
const IO = /^node:(fs|http|http2|https|net|tls|dgram|dns|child_process|worker_threads|cluster)(\/|$)/;
const HOST_WORDS = /\b(process\.(?:env|exit|exitCode|argv|stdout|stderr|stdin)|console)\b/;

interface Import {
  /** A file below src such as `report/text.ts`, or a library's name. */
  readonly target: string;
  readonly local: boolean;
  readonly typeOnly: boolean;
}

/** Source texts by their path below src. */
type Files = ReadonlyMap<string, string>;

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

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

const valueImports = (files: Files, file: string): Import[] =>
  importsOf(file, files.get(file) ?? '').filter((found) => !found.typeOnly);

/** A neutral module is at the root of src, or a group of rows, and imports, by value, only libraries and other neutral modules. */
function isNeutral(files: Files, file: string, seen: ReadonlySet<string> = new Set()): boolean {
  if (!['', ROWS].includes(folderOf(file)) || !files.has(file)) return false;
  if (seen.has(file)) return true;
  const within = new Set([...seen, file]);
  return valueImports(files, file).every((found) => !found.local || isNeutral(files, found.target, within));
}

/** Why `from` may not import this by value; undefined where it may. */
function refusal(files: Files, from: string, to: string): string | undefined {
  const [own, other] = [folderOf(from), folderOf(to)];
  if (!files.has(to)) return 'no such file';
  if (FACES.includes(other) && own !== other) return 'nothing imports a face';
  if (own === other && own !== '') return undefined;
  if (other === ROWS) return from === 'option-table.ts' ? undefined : 'rows are read from the table';
  if (other === SETTINGS && !FACES.includes(own)) return 'settings/ is for faces';
  if (FACES.includes(own))
    return other === '' || other === 'report' || other === SETTINGS
      ? undefined
      : 'a face knows the root modules and the forms of report/';
  if (own === '') return other === 's3' && !STRINGERS.includes(from) ? 'only put opens a bucket' : undefined;
  if (own === SETTINGS) return other === '' ? undefined : 'settings/ knows the root modules only';
  if (other === '') return isNeutral(files, to) ? undefined : 'only neutral root modules';
  if (other === 's3') return PURE.includes(own) ? 'a pure stage knows s3/ only as types' : undefined;
  return own === 's3' ? 's3/ knows the stages only as types' : 'stages see each other only as types';
}

function wrongDirections(files: Files): string[] {
  return [...files.keys()].flatMap((from) =>
    valueImports(files, from).flatMap((found) => {
      const why = found.local ? refusal(files, from, found.target) : undefined;
      return why === undefined ? [] : [`${from} imports ${found.target}: ${why}`];
    }),
  );
}

function wrongLibraries(files: Files): string[] {
  return [...files].flatMap(([from, text]) =>
    importsOf(from, text).flatMap(({ target, local }) => {
      const own = folderOf(from);
      if (local) return [];
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
    const next = valueImports(files, file).filter((found) => found.local);
    return next.flatMap((found) => visit(found.target, [...trail, file]));
  };
  return [...files.keys()].flatMap((file) => visit(file, []));
}

const hostWords = (files: Files): string[] =>
  [...files].flatMap(([file, text]) => {
    const word = FACES.includes(folderOf(file)) ? undefined : HOST_WORDS.exec(withoutComments(text))?.[1];
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
const contributing = (): string => readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const packageJson = (): { dependencies: Record<string, string>; devDependencies: Record<string, string> } =>
  JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

test('src holds only the folders of the house', () => {
  const folders = new Set([...src.keys()].map(folderOf).filter((folder) => folder !== ''));
  assert.deepEqual(
    [...folders].filter((folder) => !FOLDERS.includes(folder)),
    [],
  );
  const below = [...src.keys()].filter((file) => file.split('/').length > 2).map((file) => path.posix.dirname(file));
  assert.deepEqual([...new Set(below)].sort(), SUBFOLDERS);
});

test('dependencies point one way: faces, put, stages, s3, libraries', () => {
  assert.deepEqual(wrongDirections(src), []);
});

test('each library stays in the folder that may know it', () => {
  assert.deepEqual(wrongLibraries(src), []);
});

test('no module needs itself', () => {
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

test('no source file is longer than 400 lines', () => {
  const long = [...src].filter(([, text]) => text.trimEnd().split('\n').length > 400).map(([file]) => file);
  assert.deepEqual(long, []);
});

test('the libraries that src imports are the dependencies of the package', () => {
  const used = [...src].flatMap(([file, text]) => importsOf(file, text).filter(({ local }) => !local));
  const own = ['s3-parallel-put', 'node:'];
  const targets = used.map(({ target }) => target).filter((target) => !own.some((name) => target.startsWith(name)));
  const bundled = targets.filter((target) => BUNDLED.includes(target));
  const libraries = new Set(targets.filter((target) => !BUNDLED.includes(target)));
  assert.deepEqual([...libraries].sort(), Object.keys(packageJson().dependencies).sort());
  for (const library of bundled) assert.ok(library in packageJson().devDependencies, `${library} is bundled only`);
});

test('the version in the source is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  assert.equal(VERSION, version);
});

test('CONTRIBUTING.md has one line for each source file, and no other', () => {
  const listed = [...contributing().matchAll(/^- `src\/([^`]+\.ts)`: \S/gm)].map((found) => found[1] ?? '');
  assert.deepEqual(differences(listed, [...src.keys()]), NO_DIFFERENCE);
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
    ['errors.ts', "import type { Report } from './report/report.js';\nexport class UsageError extends Error {}\n"],
    ['report/report.ts', 'export interface Report {}\nexport const fold = 1;\n'],
    ['source/tree.ts', "import { UsageError } from '../errors.js';\nexport const walk = UsageError;\n"],
    ['s3/bucket.ts', "export const open = () => import('@aws-sdk/client-s3');\n"],
  ]);
  const check = (file: string, text: string): string[] => {
    const files = new Map([...house, [file, text]]);
    return [...wrongDirections(files), ...wrongLibraries(files), ...cycles(files), ...hostWords(files)];
  };
  assert.deepEqual(check('plan/decide.ts', "import type { Report } from '../report/report.js';\n"), []);
  assert.deepEqual(check('cli/main.ts', "import { put } from '../put.js';\nconsole.log(put, process.env);\n"), []);
  assert.deepEqual(check('errors.ts', '// console is for the faces\n/** never `process.exit` */\n'), []);
  const forbidden: readonly (readonly [file: string, text: string])[] = [
    ['plan/decide.ts', "import { fold } from '../report/report.js';\n"],
    ['plan/decide.ts', "import {\n  type Report,\n  fold,\n} from '../report/report.js';\n"],
    ['plan/decide.ts', "export { fold } from '../report/report.js';\n"],
    ['plan/decide.ts', "const late = () => import('../report/report.js');\n"],
    ['plan/decide.ts', "import { open } from '../s3/bucket.js';\n"],
    ['plan/decide.ts', "import { readFile } from 'node:fs/promises';\n"],
    ['job.ts', "import { open } from './s3/bucket.js';\n"],
    ['transfer/send.ts', "import { put } from '../put.js';\n"],
    ['transfer/send.ts', "import { gone } from './gone.js';\n"],
    ['transfer/send.ts', "import type { S3Client } from '@aws-sdk/client-s3';\n"],
    ['transfer/send.ts', "import { readFile } from 'fs/promises';\n"],
    ['transfer/send.ts', 'export const level = process.env.LEVEL;\n'],
    ['transfer/send.ts', "console.log('sent');\n"],
    ['s3/retry.ts', "import { fold } from '../report/report.js';\n"],
    ['cli/main.ts', "import { open } from '../s3/bucket.js';\n"],
    ['cli/main.ts', "import * as core from '@actions/core';\n"],
    ['source/tree.ts', "import { walk } from './tree.js';\n"],
  ];
  for (const [file, text] of forbidden) assert.equal(check(file, text).length, 1, `${file}: ${text}`);
});
