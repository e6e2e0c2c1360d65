import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { defaultOf, OPTION_INPUTS, OWN_INPUTS, readInputs, wantsSummary } from '../../../src/action/inputs.js';
import type { OptionRow } from '../../../src/options/row.js';
import { belongsTo, OPTION_TABLE } from '../../../src/options/table.js';

/** What a workflow has no use for: its output, its help, and files of this machine. */
const CLI_ONLY: readonly string[] = [
  ...['ignoreSmallFiles', 'check', 'gzipType', 's3cfg', 'destS3cfg', 'verbose', 'quiet', 'json', 'progress'],
  ...['logFile', 'logLevel', 'printConfig', 'command', 'help', 'version'],
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
    size: '8MiB',
    headers: 'Cache-Control: no-cache',
    pairs: 'a=b',
  };
  return type === 'choice' ? (choice ?? '') : (samples[type] ?? 'text');
}

test('every input of an option is read for the commands that have it, and refused for others', () => {
  for (const { input, row } of OPTION_INPUTS) {
    if (row.name === 'config') continue;
    for (const command of ['put', 'copy', 'uploads'] as const) {
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
  assert.equal(readInputs(variables({ prefix: '', mode: '  ' })).settings.size, 0);
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
