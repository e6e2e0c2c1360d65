import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  ACTION_COMMANDS,
  defaultOf,
  OPTION_INPUTS,
  OWN_INPUTS,
  readInputs,
  wantsSummary,
} from '../../../src/action/inputs.js';
import { toPutOptions } from '../../../src/action/run-command.js';
import type { ResolvedPutOptions } from '../../../src/options/resolved.js';
import type { OptionRow } from '../../../src/options/row.js';
import { belongsTo, OPTION_TABLE } from '../../../src/options/table.js';
import { preparePut } from '../../../src/prepare-put.js';
import { makeTree } from '../../support/tree.js';

/** What a workflow has no use for: its output, its help, and files of this machine. */
const CLI_ONLY: readonly string[] = [
  ...['ignoreSmallFiles', 'check', 'gzipType', 's3cfg', 'destS3cfg', 'verbose', 'quiet', 'json', 'progress'],
  // A job may take longer than a step.
  ...['batchOperations', 'batchRole', 'batchJob', 'batchReports'],
  ...['queue', 'queueRun', 'allowSource', 'allowDestination'],
  ...['reportHtml', 'logFile', 'logLevel', 'printConfig', 'filters', 'command', 'help', 'version'],
];

const variables = (inputs: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(inputs).map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text]));

test('every option is an input, or one that only the command line has', () => {
  for (const { name, faces } of OPTION_TABLE) {
    if (!faces.includes('cli')) continue;
    assert.notEqual(faces.includes('action'), CLI_ONLY.includes(name), name);
  }
});

/** A text that an option takes. */
function sample({ type, choices, name }: OptionRow): string {
  if (name === 'rules') return '- match: "*.html"\n  skip: true';
  if (name === 'config') return path.join(import.meta.dirname, '../../../package.json');
  const [choice] = choices ?? [];
  const samples: Partial<Record<OptionRow['type'], string>> = {
    switch: 'true',
    optional: 'text/css',
    integer: '3',
    number: '0.5',
    size: '8MiB',
    headers: 'Cache-Control: no-cache',
    pairs: 'a=b',
  };
  return type === 'choice' ? (choice ?? '') : (samples[type] ?? 'text');
}

test('every input of an option is read for the commands that have it, and refused for others', () => {
  for (const { input, row } of OPTION_INPUTS) {
    if (row.name === 'config') continue;
    for (const command of ACTION_COMMANDS) {
      const read = () => readInputs(variables({ command, [input]: sample(row) }));
      if (belongsTo(row, command)) assert.ok(read().settings.has(row.name), input);
      else assert.throws(read, new RegExp(`"${input}" is not for the command "${command}"`));
    }
  }
});

test('every other input is read, and an empty one is not given', () => {
  const texts: Readonly<Record<string, string>> = {
    command: 'copy',
    'site-url': 'https://example.com',
    summary: 'false',
  };
  for (const { name } of OWN_INPUTS) {
    const text = texts[name] ?? 'eu-west-1';
    const { own, settings } = readInputs(variables({ [name]: text }));
    assert.equal(own[name], text);
    if (name === 'aws-region') assert.equal(settings.get('region')?.value, text);
  }
  assert.deepEqual([...readInputs(variables({ prefix: '', mode: '  ' })).settings.keys()], ['order']);
});

for (const [text, value] of [
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['FALSE', false],
] as const)
  test(`a switch takes ${text}`, () => {
    assert.equal(readInputs(variables({ 'dry-run': text })).settings.get('dryRun')?.value, value);
  });

for (const text of ['yes', 'on', '1', 'y', 'tRUE', '"true"'])
  test(`a switch does not take ${text}`, () => {
    assert.throws(() => readInputs(variables({ 'dry-run': text })), /"dry-run" is .* it must be true or false/);
  });

for (const [text, wanted] of [
  [undefined, true],
  ['', true],
  ['true', true],
  ['TRUE', true],
  ['false', false],
  [' False ', false],
] as const)
  test(`with summary: ${text} a summary is ${wanted ? '' : 'not '}wanted`, () => {
    const env = text === undefined ? {} : variables({ summary: text });
    assert.equal(wantsSummary(env), wanted);
    assert.doesNotThrow(() => readInputs(env));
  });

for (const text of ['no', 'off', '0'])
  test(`summary: ${text} is refused`, () => {
    assert.throws(() => readInputs(variables({ summary: text })), /"summary" is .* it must be true or false/);
  });

test('inputs with a default have it where nothing is given', () => {
  const { own } = readInputs({});
  for (const { name, default: usual } of OWN_INPUTS) {
    assert.equal(own[name], usual, name);
    assert.equal(defaultOf(name), usual, name);
  }
});

test('a put is in the order of a site, unless an input or the config file says otherwise; other commands have no order', (t) => {
  const file = path.join(makeTree(t, { 'options.yaml': 'order: none\n' }), 'options.yaml');
  const orderOf = (inputs: Readonly<Record<string, string>>): unknown =>
    readInputs(variables(inputs)).settings.get('order')?.value;
  assert.equal(orderOf({}), 'site');
  assert.equal(orderOf({ order: 'none' }), 'none');
  assert.equal(orderOf({ config: file }), 'none');
  assert.equal(orderOf({ config: file, order: 'site' }), 'site');
  for (const command of ['copy', 'uploads', 'delete']) {
    assert.equal(orderOf({ command }), undefined);
    assert.throws(() => orderOf({ command, order: 'site' }), new RegExp(`"order" is not for the command "${command}"`));
  }
});

const SITE_INPUTS: readonly (readonly [Readonly<Record<string, string>>, Partial<ResolvedPutOptions>])[] = [
  [{ delete: 'true' }, { delete: true, listStrays: true, maxDelete: { kind: 'default' } }],
  [
    { delete: 'true', protect: 'uploads/**\n  \n  *.zip  \n' },
    { delete: true, protect: ['uploads/**', '*.zip'] },
  ],
  [{ delete: 'true', 'max-delete': '30%' }, { maxDelete: { kind: 'share', percent: 30 } }],
  [{ delete: 'true', 'max-delete': '500' }, { maxDelete: { kind: 'count', count: 500 } }],
  [{ delete: 'true', 'delete-after': '7d' }, { deleteAfter: 7 * 24 * 3_600_000 }],
  [{ 'list-strays': 'true' }, { listStrays: true, delete: false }],
  [{ 'allow-secrets': 'true' }, { allowSecrets: true }],
  [{ 'allow-secrets': 'false' }, { allowSecrets: [] }],
  [{ 'allow-secrets': '.env.ci\ncerts/*.pem' }, { allowSecrets: ['.env.ci', 'certs/*.pem'] }],
  [{ 'conditional-writes': 'false' }, { conditionalWrites: false }],
  [{ normalize: 'nfc' }, { normalize: 'nfc' }],
  [{ 'warn-source-maps': 'false' }, { warnSourceMaps: false }],
  [{ order: 'none' }, { order: 'none' }],
  [{}, { order: 'site', delete: false, allowSecrets: [], conditionalWrites: true, warnSourceMaps: true }],
];
for (const [inputs, expected] of SITE_INPUTS)
  test(`the inputs ${JSON.stringify(inputs)} are read as the options of a site`, () => {
    const basics = { source: 'dist', bucket: 's3://my-site/' };
    const { options } = preparePut(toPutOptions(readInputs(variables({ ...basics, ...inputs })).settings));
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual((options as unknown as Record<string, unknown>)[name], value, name);
  });
