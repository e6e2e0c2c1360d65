import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { actionTypes } from '../../../scripts/action-types.js';
import { OPTION_INPUTS, OWN_INPUTS } from '../../../src/action/inputs.js';
import { OUTPUTS } from '../../../src/action/outputs.js';

/** @see https://github.com/typesafegithub/github-actions-typing#available-types */
interface Typing {
  readonly type: string;
  readonly separator?: string;
  readonly 'list-item'?: Typing;
  readonly 'allowed-values'?: readonly string[];
}

const ROOT = path.resolve(import.meta.dirname, '../../..');
const text = readFileSync(path.join(ROOT, 'action-types.yml'), 'utf8').replaceAll('\r\n', '\n');
const types = parse(text) as {
  readonly inputs: Readonly<Record<string, Typing>>;
  readonly outputs: Readonly<Record<string, Typing>>;
};

/** The keys that each type has, all of which it needs. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  string: ['type'],
  boolean: ['type'],
  integer: ['type'],
  float: ['type'],
  list: ['type', 'separator', 'list-item'],
  enum: ['type', 'allowed-values'],
};

test('the committed action-types.yml is what the table makes', () => {
  assert.equal(text, actionTypes(), 'run "npm run build:action"');
});

test('it types every input and output of the Action, and nothing else', () => {
  const inputs = [...OPTION_INPUTS.map(({ input }) => input), ...OWN_INPUTS.map(({ name }) => name)];
  assert.deepEqual(Object.keys(types.inputs), inputs);
  assert.deepEqual(
    Object.keys(types.outputs),
    OUTPUTS.map(({ name }) => name),
  );
});

test('every type is one of the format, with the keys that it needs', () => {
  for (const [name, typing] of Object.entries({ ...types.inputs, ...types.outputs })) {
    assert.deepEqual(Object.keys(typing), KEYS[typing.type], name);
    if (typing.type === 'list') assert.deepEqual([typing.separator, typing['list-item']], ['\n', { type: 'string' }]);
    for (const value of typing['allowed-values'] ?? []) assert.equal(typeof value, 'string', name);
  }
});

test('switches are booleans, choices enums, repeatable options lists of lines, and sizes text', () => {
  const { inputs, outputs } = types;
  assert.equal(inputs['dry-run']?.type, 'boolean');
  assert.deepEqual(inputs.resume, { type: 'enum', 'allowed-values': ['on', 'off', 'unproven'] });
  assert.deepEqual(inputs.command, { type: 'enum', 'allowed-values': ['put', 'copy', 'uploads', 'delete', 'finish'] });
  for (const name of ['source', 'exclude', 'headers', 'tagging', 'key']) assert.equal(inputs[name]?.type, 'list', name);
  for (const name of ['bucket', 'part-size', 'concurrency', 'gzip', 'rules'])
    assert.equal(inputs[name]?.type, 'string', name);
  assert.equal(inputs['max-attempts']?.type, 'integer');
  assert.equal(inputs['max-request-rate']?.type, 'float');
  assert.deepEqual([outputs.changed?.type, outputs.put?.type, outputs.url?.type], ['boolean', 'integer', 'string']);
});
