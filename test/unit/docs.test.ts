import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseDocument as parseYaml } from 'yaml';
import { GENERATED_PAGES } from '../../scripts/docs-pages.js';
import { OPTION_INPUTS, OWN_INPUTS, readInputs } from '../../src/action/inputs.js';
import { OUTPUTS } from '../../src/action/outputs.js';
import { readArgv } from '../../src/cli/argv.js';
import { unknownVariables } from '../../src/cli/environment.js';
import { FLAGS } from '../../src/cli/flags.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import { readValues } from '../../src/cli/values.js';
import { CONFIG_ROWS } from '../../src/config/config-file.js';
import { OPTION_GROUPS } from '../../src/options/row.js';
import {
  anchors,
  type Block,
  codeSpans,
  countWords,
  type Document,
  documents,
  links,
  parseDocument,
  shellCommands,
} from '../support/documents.js';
import { isThisAction } from '../support/example-workflows.js';

// Everything that can be said about the documents without running what they show; test/faces/docs.test.ts runs it.

const ROOT = path.resolve(import.meta.dirname, '../..');
const REPOSITORY = 'https://github.com/org/s3-parallel-put';
const all = documents();
const generated = new Set(GENERATED_PAGES.filter(({ whole }) => whole).map(({ file }) => file));

/** Fails with all problems of all documents at once. */
function none(find: (document: Document) => readonly string[]): void {
  const found = all.flatMap((document) => find(document).map((problem) => `${document.file}: ${problem}`));
  assert.deepEqual(found, []);
}

describe('documents', () => {
  for (const { file, text } of GENERATED_PAGES)
    test(`${file} is what its tables make: npm run docs`, () => {
      assert.equal(readFileSync(path.join(ROOT, file), 'utf8').replaceAll('\r\n', '\n'), text());
    });

  test('every link leads to a file and a heading that exist', () => none(brokenLinks));

  test('no page is too long to read at once', () => {
    none((document) => {
      const most = document.file === 'README.md' ? 1_200 : 1_500;
      const words = countWords(document);
      const isPage = document.file === 'README.md' || document.file.startsWith('docs/');
      return isPage && !generated.has(document.file) && words > most ? [`${words} words, more than ${most}`] : [];
    });
  });

  test('the guide for contributors has at most 120 lines', () => {
    const { text } = all.find(({ file }) => file === 'CONTRIBUTING.md') as Document;
    assert.ok(text.trimEnd().split('\n').length <= 120);
  });

  test('the list of pages in docs/README.md leads to each page', () => {
    const index = all.find(({ file }) => file === 'docs/README.md') as Document;
    const listed = new Set(links(index).map((link) => `docs/${link}`));
    const pages = all.map(({ file }) => file).filter((file) => file.startsWith('docs/') && file !== index.file);
    assert.deepEqual(
      pages.filter((file) => !listed.has(file)),
      [],
    );
  });

  test('every variable of an option that they name exists', () => none(wrongVariables));

  test('the page of the Action names inputs and outputs that exist', () => {
    none((document) => (document.file === 'docs/github-action.md' ? unknownInputs(document) : []));
  });

  test('every command line that they show is one that the command line takes', () => none(wrongCommandLines));

  test('every flag that they name exists', () => none(unknownFlags));

  test('every block of JSON is JSON', () => {
    none(({ blocks }) => blocks.filter(({ language }) => language === 'json').flatMap(wrongJson));
  });

  test('every block of YAML is YAML, and steps of the Action give what it takes', () => {
    none(({ blocks }) => blocks.filter(({ language }) => language === 'yaml').flatMap(wrongYaml));
  });

  test('every fence names its language', () => {
    none(({ blocks }) => blocks.filter(({ language }) => language === '').map(({ name }) => name));
  });
});

function brokenLinks(document: Document): readonly string[] {
  return links(document).flatMap((link) => {
    const target = link.startsWith(REPOSITORY) ? ownAddress(link) : link;
    if (/^[a-z]+:/i.test(target)) return isWebAddress(target) ? [] : [`${link} is no https address`];
    const [name = '', anchor] = target.split('#', 2);
    const file = name === '' ? document.file : path.posix.join(path.posix.dirname(document.file), decodeURI(name));
    const found = link === target ? file : name;
    if (!existsSync(path.join(ROOT, found))) return [`${link}: there is no ${found}`];
    if (anchor === undefined) return [];
    const other = all.find((one) => one.file === found.replace(/^$|\/$/, 'README.md'));
    return other !== undefined && anchors(other).has(anchor) ? [] : [`${link}: ${found} has no heading #${anchor}`];
  });
}

/** The file in the repository that an address of it shows; other addresses of the repository stay as they are. */
function ownAddress(link: string): string {
  const rest = link.slice(REPOSITORY.length);
  if (/^(?:#|$)/.test(rest)) return `README.md${rest}`;
  return /^\/(?:blob|tree)\/main\/(.*)$/.exec(rest)?.[1] ?? link;
}

const isWebAddress = (link: string): boolean =>
  URL.canParse(link) && /^(?:https|mailto):$/.test(new URL(link).protocol) && !link.includes(' ');

/** Lines of a shell that call the command, as argv. */
function commandLines({ text }: Block): readonly (readonly string[])[] {
  return shellCommands(text).flatMap((words) => {
    const rest = words.slice(
      words.findIndex((word) => !/^\w+=|^(?:npx|time|env|exec|if|!|then)$|^--?yes$|^-y$/.test(word)),
    );
    const [name, ...argv] = rest;
    return name === 's3-parallel-put' ? [argv] : [];
  });
}

function wrongCommandLines({ blocks }: Document): readonly string[] {
  return blocks
    .filter(({ language }) => ['sh', 'bash', 'shell', 'console', 'powershell'].includes(language))
    .flatMap((block) =>
      commandLines(block).flatMap((argv) => {
        try {
          // A config file or a variable may name the rest.
          if (argv.some((word) => word.startsWith('s3://')) || argv[0] === 'completion') parseCommandLine(argv);
          else readValues(readArgv(argv).given);
          return [];
        } catch (error) {
          return [`${block.name}: s3-parallel-put ${argv.join(' ')}: ${error}`];
        }
      }),
    );
}

/** Pages about other programs' flags and those of npm scripts. */
const FOREIGN = /^(?:CONTRIBUTING|docs\/(?:testing|releasing)|test\/fake-s3\/README|bench\/README)\.md$/;

function unknownFlags(document: Document): readonly string[] {
  if (FOREIGN.test(document.file)) return [];
  const isMigration = document.file.startsWith('docs/migrating/');
  const here = isMigration ? { ...document, prose: lastColumns(document) } : document;
  return codeSpans(here)
    .filter((span) => /^(?:--?\w|s3-parallel-put )/.test(span))
    .flatMap((span) => [...span.matchAll(/(?:^|\s)--([\w-]+)/g)])
    .flatMap(([, flag = '']) => (isFlag(flag) ? [] : [`--${flag}`]));
}

function wrongVariables({ text }: Document): readonly string[] {
  const named = [...text.matchAll(/\bS3PP_[A-Z0-9_]+/g)].map(([name]) => [name, ''] as const);
  return unknownVariables(Object.fromEntries(named));
}

const INPUTS_AND_OUTPUTS = new Set([
  ...[...OWN_INPUTS, ...OUTPUTS].map(({ name }) => name),
  ...OPTION_INPUTS.map(({ input }) => input),
]);
/** Keys of GitHub's own that the page names beside them. */
const OF_WORKFLOWS = ['id-token', 'cancel-in-progress', 'working-directory'];

/** Names with a hyphen, alone or with a value, that are no inputs or outputs. */
function unknownInputs(document: Document): readonly string[] {
  return codeSpans(document).flatMap((span) => {
    const [, name] = /^([a-z]+(?:-[a-z]+)+)(?:: .*)?$/.exec(span) ?? [];
    return name === undefined || INPUTS_AND_OUTPUTS.has(name) || OF_WORKFLOWS.includes(name) ? [] : [span];
  });
}

/** Whether it is a flag, or as `--source-…` the beginning of some. */
function isFlag(flag: string): boolean {
  return FLAGS.has(flag) || (flag.endsWith('-') && [...FLAGS.keys()].some((name) => name.startsWith(flag)));
}

/** The last cells of the tables: what a migration leads to. */
function lastColumns({ prose }: Document): string {
  return [...prose.matchAll(/^\|.*\|([^|\n]*(?:\\\|[^|\n]*)*)\|$/gm)].map((found) => found[1] ?? '').join('\n');
}

function wrongJson({ name, text }: Block): readonly string[] {
  try {
    // Lines of the output are a document each.
    if (/^\{.*\}\n\{/.test(text)) for (const line of text.trim().split('\n')) JSON.parse(line);
    else JSON.parse(text);
    return [];
  } catch (error) {
    return [`${name}: ${error}`];
  }
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function treesIn(value: unknown): readonly Tree[] {
  if (Array.isArray(value)) return value.flatMap(treesIn);
  return isTree(value) ? [value, ...Object.values(value).flatMap(treesIn)] : [];
}

function wrongYaml(block: Block): readonly string[] {
  const document = parseYaml(block.text);
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) return problems.map(({ message }) => `${block.name}: ${message}`);
  const value: unknown = document.toJS();
  const steps = treesIn(value).filter(({ uses }) => isThisAction(uses));
  const isConfig = steps.length === 0 && isTree(value) && Object.keys(value).some((key) => CONFIG_ROWS.has(key));
  const strange = isConfig ? Object.keys(value).filter((key) => !CONFIG_ROWS.has(key) && key !== '$schema') : [];
  return [
    ...strange.map((key) => `${block.name}: there is no option ${key}`),
    ...steps.flatMap((step) => wrongInputs(step).map((problem) => `${block.name}: ${problem}`)),
  ];
}

/** Why the Action would not read a step's inputs; expressions and the reader's own files are left out. */
function wrongInputs({ with: inputs = {} }: Tree): readonly string[] {
  if (!isTree(inputs)) return ['with: holds no inputs'];
  const given = Object.entries(inputs).filter(([name, value]) => name !== 'config' && !`${value}`.includes('${{'));
  try {
    readInputs(Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, `${value}`])));
    return [];
  } catch (error) {
    return [String(error)];
  }
}

describe('the reader of documents', () => {
  const page = (text: string): Document => parseDocument('docs/page.md', text);

  test('names headings as GitHub does', () => {
    const { prose } = page('# What *is* put?\n## `-q` and [links](x.md)\n## Twice\n## Twice\n## Größe & 1.5 MB\n');
    assert.deepEqual(
      [...anchors({ ...page(''), prose })],
      ['what-is-put', '-q-and-links', 'twice', 'twice-1', 'größe--15-mb'],
    );
  });

  test('finds links and pictures, and none in code', () => {
    const text = '[a](a.md#b) ![c](c.svg "title") `[x](x.md)`\n<img src="d.png">\n```md\n[y](y.md)\n```\n[e]: e.md\n';
    assert.deepEqual(links(page(text)), ['a.md#b', 'c.svg', 'e.md', 'd.png']);
  });

  test('finds what it forbids', () => {
    assert.equal(brokenLinks(page('[a](no-such.md) [b](../README.md#no-such) [c](http://example.com)')).length, 3);
    assert.equal(wrongCommandLines(page('```sh\nA=b npx s3-parallel-put --no-such dist s3://b\n```\n')).length, 1);
    assert.equal(wrongCommandLines(page('```sh\ncat a | s3-parallel-put - s3://b --stdin-key k\n```\n')).length, 0);
    assert.deepEqual(unknownFlags(page('`--no-such` and `aws s3 sync --delete` and `--dry-run`')), ['--no-such']);
    assert.equal(wrongVariables(page('S3PP_MODE=add S3PP_DRYRUN=true')).length, 1);
    assert.deepEqual(unknownInputs(page('`role-to-assum` and `dry-run: true`')), ['role-to-assum']);
    assert.equal(wrongJson(page('```json\n{a: 1}\n```\n').blocks[0] as Block).length, 1);
    const step = '- uses: org/s3-parallel-put@v1\n  with: {source: dist, bucket: b, dry-run: yes}\n';
    assert.equal(wrongYaml(page(`\`\`\`yaml\n${step}\`\`\`\n`).blocks[0] as Block).length, 1);
    assert.equal(wrongYaml(page('```yaml\nsource: dist\nno-such: 1\n```\n').blocks[0] as Block).length, 1);
  });

  test('splits a script into commands', () => {
    const script = "A=1 x 'a b' \"c$d\" \\\n  --e f > g # comment\n# h\ncat i | y --j && z '*.map'\n";
    assert.deepEqual(shellCommands(script), [
      ['A=1', 'x', 'a b', 'c$d', '--e', 'f'],
      ['cat', 'i'],
      ['y', '--j'],
      ['z', '*.map'],
    ]);
  });

  test('counts words as a reader does', () => {
    assert.equal(countWords(page('# Two words\n\n| a | [b](https://example.com/c) |\n|---|---|\n<!-- none -->\n')), 4);
  });

  test('knows every group of options', () => {
    const page = all.find(({ file }) => file === 'docs/options.md');
    assert.ok(page !== undefined);
    for (const group of OPTION_GROUPS) assert.ok(page.text.includes(`\n## ${group}\n`), group);
  });
});
