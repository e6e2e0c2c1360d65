import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { OPTION_INPUTS, OWN_INPUTS, readInputs } from '../../../src/action/inputs.js';
import { toCopyOptions, toPutOptions } from '../../../src/action/run-command.js';
import { prepareCopy } from '../../../src/prepare-copy.js';
import { preparePut } from '../../../src/prepare-put.js';
import { createFilter } from '../../../src/source/filter.js';

interface Described {
  readonly description: string;
}

const ROOT = path.resolve(import.meta.dirname, '../../..');
const action = yaml(readFileSync(path.join(ROOT, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, Described & { readonly required: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, Described>>;
  readonly runs: Readonly<Record<string, string>>;
};
const described = Object.entries({ ...action.inputs, ...action.outputs });
/** They are set from secrets, and nothing can show that without an expression. */
const SECRETS: readonly string[] = ['aws-access-key-id', 'aws-secret-access-key', 'aws-session-token'];

/** Parses a text as YAML; it must have no warnings. */
function yaml(text: string): unknown {
  const document = parseDocument(text);
  assert.deepEqual([...document.errors, ...document.warnings], [], text);
  return document.toJS();
}

/** The YAML below a description. */
function exampleOf(name: string): Readonly<Record<string, unknown>> {
  const [, ...lines] = action.inputs[name]?.description.split('\n') ?? [];
  return yaml(lines.join('\n')) as Readonly<Record<string, unknown>>;
}

/** The inputs as the runner gives them. */
function variables(given: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, `${value}`]));
}

test('action.yml declares just the inputs that are read, requires none for every command, and runs the bundle', () => {
  const read = [...OPTION_INPUTS.map(({ input }) => input), ...OWN_INPUTS.map(({ name }) => name)];
  assert.deepEqual(Object.keys(action.inputs), read);
  assert.deepEqual(action.runs, { using: 'node24', main: 'dist/action/index.cjs' });
  for (const [name, { required }] of Object.entries(action.inputs)) assert.equal(required, false, name);
});

test('descriptions speak of inputs: no flag, no option of the API, no expression, and switches are true or false', () => {
  const camel = OPTION_INPUTS.filter(({ input, row }) => input !== row.name).map(({ row }) => row.name);
  for (const [name, { description }] of described) {
    const [text = ''] = description.split('\n');
    assert.match(text, /^[A-Za-z]/, name);
    assert.doesNotMatch(description, /(?<![\w-])--?[a-z]/, `${name} names a flag`);
    assert.doesNotMatch(description, /\$\{\{/, `${name}: the runner refuses expressions there`);
    assert.doesNotMatch(text, /command line|terminal|standard input|repeatable/i, name);
    for (const option of camel) assert.ok(!new RegExp(`\\b${option}\\b`).test(text), `${name} names ${option}`);
  }
  for (const { input, row } of OPTION_INPUTS) {
    if (row.type !== 'switch') continue;
    assert.doesNotMatch(action.inputs[input]?.description ?? '', /Default: (on|off)\b/, input);
  }
});

test('a secret is said to be one, and is never shown', () => {
  for (const name of SECRETS) {
    const text = action.inputs[name]?.description ?? '';
    assert.match(text, /Set it from a secret/, name);
    assert.ok(!text.includes('\n'), name);
  }
});

for (const name of Object.keys(action.inputs)) {
  if (SECRETS.includes(name)) continue;
  test(`the example of ${name} can stand under with: as it is`, async (t) => {
    const given = exampleOf(name);
    assert.ok(name in given, 'it gives the input');
    for (const [other, value] of Object.entries(given)) {
      assert.ok(other in action.inputs, other);
      assert.ok(['string', 'number', 'boolean'].includes(typeof value), `${other} is one value`);
    }
    const folder = mkdtempSync(path.join(tmpdir(), 's3pp-example-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const config = path.join(folder, 'config.yaml');
    writeFileSync(config, 'cacheControl: no-cache\n');
    // Files that are read now.
    const files = Object.keys(given).filter((input) => ['redirects-file', 'headers-file'].includes(input));
    for (const file of files) writeFileSync(path.join(folder, file), '');
    const read = Object.fromEntries(files.map((file) => [file, path.join(folder, file)]));
    const inputs = { ...given, ...read, ...('config' in given && { config }) };
    const { command, settings, own } = readInputs(variables(inputs));
    assert.ok(
      [name, camel(name)].some((one) => settings.has(one) || one in own) || name in { config, 'aws-region': 1 },
    );
    if (command === 'put') {
      // What every put needs beside the input that is shown.
      const places = readInputs(variables({ source: 'dist', bucket: 'my-site' })).settings;
      preparePut(toPutOptions(new Map([...places, ...settings])));
    }
    if (command === 'copy') prepareCopy(await toCopyOptions(settings, async () => ['docs/index.html']));
    if (command === 'uploads') assert.ok(settings.has('bucket'));
  });
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

test('includes apply before excludes, in whichever order the workflow gives them', () => {
  const taken = (given: Readonly<Record<string, string>>, paths: readonly string[]) => {
    const { include, exclude } = toPutOptions(
      readInputs(variables({ source: 'dist', bucket: 'my-site', ...given })).settings,
    );
    const filter = createFilter({ include, exclude, hidden: true });
    return paths.filter((one) => filter.takes(one));
  };
  const paths = ['a.html', 'a.map', 'drafts/b.html', 'drafts/index.html'];
  assert.deepEqual(taken({ exclude: '*', include: '*.html' }, paths), [], 'an exclude of everything leaves nothing');
  assert.deepEqual(taken({ include: '*.html' }, paths), ['a.html', 'drafts/b.html', 'drafts/index.html']);
  assert.deepEqual(taken({ exclude: 'drafts/', include: '*.html' }, paths), ['a.html']);
  assert.deepEqual(taken({ include: '*\n!*.map' }, paths), ['a.html', 'drafts/b.html', 'drafts/index.html']);
  assert.deepEqual(taken(exampleOf('exclude') as Record<string, string>, paths), ['a.html', 'drafts/index.html']);
});
