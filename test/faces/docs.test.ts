import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { configFileLayer, readRulesFile } from '../../src/config/config-file.js';
import { valuesIn } from '../../src/config/layers.js';
import { preparePutWithOrigin } from '../../src/config/locate-error.js';
import type { PutOptions } from '../../src/options/types.js';
import { type Block, type Document, documents } from '../support/documents.js';
import { type DocsProject, makeDocsProject, nodeArguments, SITE, typeCheck } from './docs-project.js';

// Runs the blocks of documents that are marked `runnable`, from the first to the last, as a reader of the page would.

const skip = process.platform === 'win32' && 'the examples are for a POSIX shell';
const isRunnable = ({ words }: Block): boolean => words[0] === 'runnable';
const pages = documents().filter(({ blocks }) => blocks.some(isRunnable));

for (const page of pages)
  test(`the runnable blocks of ${page.file} run`, { skip }, async (t) => {
    const project = await makeDocsProject(t, page);
    for (const [index, block] of page.blocks.entries()) {
      if (!isRunnable(block)) continue;
      const [word, ...rest] = block.words.slice(1);
      const known = word === undefined || /^(?:exit=\d+|file=\S+)$/.test(word);
      assert.ok(known && rest.length === 0, `${block.name}: "${block.words.join(' ')}" is not understood`);
      await (RUN[block.language] ?? unknownLanguage)(project, block, index);
    }
  });

type RunBlock = (project: DocsProject, block: Block, index: number) => Promise<void>;

const RUN: Readonly<Record<string, RunBlock>> = {
  sh: async ({ run }, block) => {
    if (isFile(block)) return;
    const { code, output } = await run('bash', ['-e', '-c', block.text]);
    assert.equal(code, exitCode(block), `${block.name}\n${block.text}\n${output}`);
  },
  js: runProgram,
  ts: runProgram,
  yaml: readYamlBlock,
  json: readYamlBlock,
};

function unknownLanguage(_project: DocsProject, { name, language }: Block): Promise<void> {
  throw new Error(`${name}: no test runs ${language}`);
}

const isFile = ({ words }: Block): boolean => words[1]?.startsWith('file=') === true;
const exitCode = ({ words }: Block): number => Number(/^exit=(\d+)$/.exec(words[1] ?? '')?.[1] ?? 0);

async function runProgram(project: DocsProject, block: Block, index: number): Promise<void> {
  const name = isFile(block) ? (block.words[1] ?? '').slice('file='.length) : `block-${index}.${block.language}`;
  writeFileSync(path.join(project.folder, name), block.text);
  if (block.language === 'ts') {
    const { code, output } = await typeCheck(project, [name]);
    assert.equal(code, 0, `${block.name}: ${output}`);
  }
  if (isFile(block)) return;
  const { code, output } = await project.run(process.execPath, nodeArguments(name));
  assert.equal(code, exitCode(block), `${block.name}\n${output}`);
}

/** Rules and config files are read as the command line reads them; steps of the Action are checked by test/unit/docs.test.ts. */
async function readYamlBlock({ folder }: DocsProject, block: Block): Promise<void> {
  const value: unknown = parseYaml(block.text);
  const file = path.join(folder, 'block.yaml');
  writeFileSync(file, block.text);
  const isRules = Array.isArray(value) && value.every((rule) => typeof rule === 'object' && 'match' in rule);
  if (!isRules && (Array.isArray(value) || block.text.includes('uses:'))) return;
  const settings = isRules ? new Map([['rules', readRulesFile(file, '--rules')]]) : configFileLayer(file);
  const options = { source: 'dist', bucket: 'my-site', ...valuesIn(settings) } as unknown as PutOptions;
  await preparePutWithOrigin(options, settings);
}

test('the rules that the documents recommend give a year to names with a hash, and to nothing else', {
  skip,
}, async (t) => {
  const page = pages.find(({ file }) => file === 'docs/headers-and-rules.md') as Document;
  const project = await makeDocsProject(t, page);
  const { code, output } = await project.run('s3-parallel-put', [
    'dist',
    's3://my-site',
    '--exclude',
    '*.map',
    '--rules',
    'rules.yaml',
  ]);
  assert.equal(code, 0, output);
  const keys = project.server.keys('my-site');
  const isHashed = (key: string): boolean => /^assets\/\w+-\w{8}\.(?:js|css)$/.test(key);
  assert.deepEqual(
    keys,
    Object.keys(SITE)
      .filter((name) => !name.endsWith('.map') && name !== '.DS_Store')
      .sort(),
  );
  assert.deepEqual(
    keys.filter((key) => project.server.object('my-site', key)?.headers['cache-control']?.includes('immutable')),
    keys.filter(isHashed),
  );
  assert.doesNotMatch(output, /matched nothing|matches nothing/);
});
