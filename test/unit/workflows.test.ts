import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse, parseDocument } from 'yaml';
import { readInputs } from '../../src/action/inputs.js';
import { documents } from '../support/documents.js';
import { isThisAction } from '../support/example-workflows.js';

// The workflows of this repository, and those that users take as examples.

const ROOT = path.resolve(import.meta.dirname, '../..');

type Tree = Readonly<Record<string, unknown>>;

interface Text {
  /** A file's path from the root, or a block's place in one. */
  readonly name: string;
  readonly text: string;
}

const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8').replaceAll('\r\n', '\n');

function textsIn(folder: string): readonly Text[] {
  const names = readdirSync(path.join(ROOT, folder)).sort();
  return names.map((name) => ({ name: `${folder}/${name}`, text: read(`${folder}/${name}`) }));
}

const workflows = textsIn('.github/workflows');
const examples = textsIn('examples/workflows');
const blocks: readonly Text[] = documents().flatMap((document) =>
  document.blocks.filter(({ language }) => language === 'yaml'),
);

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every mapping in a document, the outer ones first. */
function treesIn(value: unknown): readonly Tree[] {
  if (Array.isArray(value)) return value.flatMap(treesIn);
  return isTree(value) ? [value, ...Object.values(value).flatMap(treesIn)] : [];
}

const stepsIn = (text: string): readonly Tree[] =>
  treesIn(parse(text)).filter((tree) => typeof tree.uses === 'string' || typeof tree.run === 'string');
const ourStepsIn = (text: string): readonly Tree[] =>
  stepsIn(text).filter(({ uses }) => uses === './' || isThisAction(uses));

/** What action.yml declares. */
function declared(kind: 'inputs' | 'outputs'): readonly string[] {
  const action: unknown = parse(read('action.yml'));
  return isTree(action) && isTree(action[kind]) ? Object.keys(action[kind]) : [];
}
const inputs = declared('inputs');
const outputs = declared('outputs');

/** What a text gives to our Action, or takes from it, that is not there. */
function strangers({ text }: Text): readonly string[] {
  const steps = ourStepsIn(text);
  const given = steps.flatMap((step) => (isTree(step.with) ? Object.keys(step.with) : []));
  const taken = steps.flatMap(({ id }) =>
    typeof id === 'string' ? [...text.matchAll(new RegExp(`steps\\.${id}\\.outputs\\.([\\w-]+)`, 'g'))] : [],
  );
  return [
    ...given.filter((name) => !inputs.includes(name)).map((name) => `input ${name}`),
    ...taken
      .map((found) => found[1] ?? '')
      .filter((name) => !outputs.includes(name))
      .map((name) => `output ${name}`),
  ];
}

/** Why the Action would not read a step's inputs; what only a run can tell is left out. */
function refusal(step: Tree): readonly string[] {
  // A config file is the reader's, and is not there.
  const given = Object.entries(isTree(step.with) ? step.with : {}).filter(
    ([name, value]) => name !== 'config' && !`${value}`.includes('${{'),
  );
  try {
    readInputs(Object.fromEntries(given.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, `${value}`])));
    return [];
  } catch (error) {
    return [String(error)];
  }
}

const unpinned = ({ text }: Text): readonly string[] =>
  [...text.matchAll(/^\s*(?:- )?uses: *(.*)$/gm)]
    .map((found) => found[1] ?? '')
    .filter((uses) => !/^(\.\/|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(uses));

const injections = ({ text }: Text): readonly string[] =>
  stepsIn(text)
    .map(({ run }) => String(run ?? ''))
    .filter((run) => run.includes('${{'));

/** The jobs that no `permissions` limit. */
function unlimited({ text }: Text): readonly string[] {
  const workflow: unknown = parse(text);
  if (!isTree(workflow) || !isTree(workflow.jobs)) return ['no jobs'];
  if ('permissions' in workflow) return [];
  return Object.entries(workflow.jobs).flatMap(([name, job]) => (isTree(job) && 'permissions' in job ? [] : [name]));
}

const none = (texts: readonly Text[], find: (text: Text) => readonly string[]): void => {
  for (const text of texts) assert.deepEqual(find(text), [], text.name);
};

test('workflows, examples and the YAML of documents parse without a warning', () => {
  assert.ok(workflows.length >= 2 && examples.length >= 5 && blocks.length > 0, 'there are some');
  none([...workflows, ...examples, ...blocks], ({ text }) => {
    const { errors, warnings } = parseDocument(text);
    return [...errors, ...warnings].map(({ message }) => message);
  });
});

test('actions in workflows are pinned by SHA, with the version in a comment', () => {
  none(workflows, unpinned);
});

test('no script in a workflow, an example or a document has an expression pasted into it', () => {
  none([...workflows, ...examples, ...blocks], injections);
});

test('every job in workflows and examples has its permissions limited', () => {
  none([...workflows, ...examples], unlimited);
});

test('every example uses the Action, one run after the other', () => {
  for (const { name, text } of examples) {
    assert.notDeepEqual(ourStepsIn(text), [], name);
    const groups = treesIn(parse(text)).flatMap(({ concurrency }) => (isTree(concurrency) ? [concurrency] : []));
    assert.deepEqual(
      groups.map((group) => group['cancel-in-progress']),
      [false],
      name,
    );
  }
});

test('examples and documents give and take what the Action has', () => {
  assert.notDeepEqual(
    blocks.flatMap(({ text }) => ourStepsIn(text)),
    [],
    'documents show the Action',
  );
  none([...workflows, ...examples, ...blocks], strangers);
});

test('examples and documents give values that the Action takes', () => {
  none([...workflows, ...examples, ...blocks], ({ text }) => ourStepsIn(text).flatMap(refusal));
});

test('the rules find what they forbid', () => {
  const text = (body: string): Text => ({ name: 'a workflow', text: body });
  assert.equal(unpinned(text('- uses: actions/checkout@v6\n')).length, 1);
  assert.equal(unpinned(text(`- uses: actions/checkout@${'a'.repeat(40)}\n`)).length, 1, 'no version');
  assert.equal(unpinned(text(`  uses: actions/checkout@${'a'.repeat(40)} # v6.0.2\n`)).length, 0);
  assert.equal(injections(text(`- run: |\n    echo "\${{ github.ref }}"\n`)).length, 1);
  assert.equal(injections(text(`- run: echo "$REF"\n  env: { REF: "\${{ github.ref }}" }\n`)).length, 0);
  assert.deepEqual(unlimited(text('jobs: {a: {permissions: {}}, b: {}}\n')), ['b']);
  const step = `- uses: org/s3-parallel-put@v1\n  id: a\n  with: {source: dist, folder: dist}\n- if: steps.a.outputs.uploaded\n`;
  assert.match(refusal({ with: { 'dry-run': 'yes' } })[0] ?? '', /must be true or false/);
  assert.deepEqual(strangers(text(step)), ['input folder', 'output uploaded']);
});
