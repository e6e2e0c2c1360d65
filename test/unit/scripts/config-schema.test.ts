import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { configSchema } from '../../../scripts/config-schema.js';
import { CONFIG_ROWS, configFileLayer } from '../../../src/config/config-file.js';
import { engineOptions } from '../../../src/config/layers.js';
import { parseYaml } from '../../../src/config/yaml.js';
import { RULE_KEYS } from '../../../src/encode/rules.js';
import { UsageError } from '../../../src/errors.js';
import type { CopyOptions, PutOptions } from '../../../src/options/types.js';
import { prepareCopy } from '../../../src/prepare-copy.js';
import { preparePut } from '../../../src/prepare-put.js';
import { runs } from '../../support/runs.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 's3pp-schema-'));
after(() => rmSync(folder, { recursive: true }));

interface Described {
  readonly description: string;
  readonly type?: string;
  readonly default?: unknown;
}

const schema = JSON.parse(readFileSync(path.join(ROOT, 'config.schema.json'), 'utf8')) as {
  readonly properties: Readonly<Record<string, Described>>;
  readonly definitions: { readonly rule: { readonly properties: Readonly<Record<string, Described>> } };
};
const fits = new Ajv({ strict: true, strictTypes: false }).compile(schema);
const takes = (value: unknown): boolean => fits(value) === true;

/** What reading the options throws; undefined if they are taken. */
function refusal(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
}

function fileOf(options: unknown): string {
  const file = path.join(folder, 'c.json');
  writeFileSync(file, JSON.stringify(options));
  return file;
}

/** Why the reader of config files refuses options. */
const readerRefusal = (options: unknown): string | undefined => refusal(() => configFileLayer(fileOf(options)));

/** Why the tool refuses them: the reader, or the command that the options are for. */
function toolRefusal(options: Readonly<Record<string, unknown>>): string | undefined {
  return refusal(() => {
    const layer = configFileLayer(fileOf(options));
    const forPut = Object.keys(options).every((name) => CONFIG_ROWS.get(name)?.commands?.includes('put') !== false);
    if (forPut) preparePut({ source: '.', bucket: 'site', ...engineOptions(layer, 'put') } as PutOptions);
    else
      prepareCopy({ ...engineOptions(layer, 'copy'), source: 's3://source', destination: 's3://dest' } as CopyOptions);
  });
}

test('the committed schema is what the table makes, and is a valid schema of draft 7', () => {
  assert.deepEqual(schema, JSON.parse(JSON.stringify(configSchema())), 'run "npm run build:action"');
  assert.equal(new Ajv().validateSchema(schema), true);
});

test('it has every option that a config file can hold, every key of a rule, and no other', () => {
  assert.deepEqual(Object.keys(schema.properties), ['$schema', ...CONFIG_ROWS.keys()]);
  assert.deepEqual(Object.keys(schema.definitions.rule.properties), [...RULE_KEYS]);
});

test('descriptions speak of a file: no flag but --config, nothing repeatable, and switches are true or false', () => {
  for (const [name, { description, type }] of Object.entries({
    ...schema.properties,
    ...schema.definitions.rule.properties,
  })) {
    assert.match(description, /^[A-Za-z].*\.$/, name);
    assert.doesNotMatch(description.replaceAll('--config', ''), /(?<![\w-])--?[a-z]/, name);
    assert.doesNotMatch(description, /command line|repeatable/i, name);
    if (type === 'boolean') assert.doesNotMatch(description, /Default: (on|off)\b/, name);
  }
});

test('every default in it is a value that it takes, and that the tool takes', () => {
  const defaults = Object.entries(schema.properties).filter(([, { default: value }]) => value !== undefined);
  assert.ok(defaults.length >= 20, `${defaults.length}`);
  for (const [name, { default: value }] of defaults) {
    assert.ok(takes({ [name]: value }), name);
    assert.equal(toolRefusal({ [name]: value }), undefined, name);
  }
});

/** YAML, and what the schema and the tool make of it. */
const FILES: readonly (readonly [verdict: 'good' | 'bad', yaml: string])[] = [
  ['good', '$schema: ./node_modules/s3-parallel-put/config.schema.json\nbucket: site'],
  ['good', 'source: dist\nbucket: s3://my-site/docs'],
  ['good', 'bucket: my-site\nprefix: ""'],
  ['good', 'source: [dist, assets.tar.gz]\nexclude: ["*.map", "!keep.map"]\ninclude: "**/*.html"'],
  ['good', 'gzip: [text/css, guess]\ngzipLevel: 9\nminSize: 1\nmaxSize: 1.5 GiB\nmemory: 512MiB'],
  ['good', 'gzip: all\nconcurrency: auto\nretryDelay: linear:5s\nresume: off\nhidden: false'],
  ['good', 'headers: {Cache-Control: no-cache}\nmetadata: {build: "1234"}\ntagging: {team: docs}'],
  [
    'good',
    'rules:\n  - match: "*.html"\n    cacheControl: no-cache\n  - match: [a/**, b/**]\n    gzip: true\n    skip: false',
  ],
  ['good', 'rules: []'],
  ['bad', '- bucket'],
  ['bad', 'buckett: site'],
  ['bad', 'stdinKey: a'],
  ['bad', 'as: a'],
  ['bad', 'bucket:'],
  ['bad', 'bucket: ""'],
  ['bad', 'bucket: 5'],
  ['bad', 'source: []'],
  ['bad', 'exclude: [1]'],
  ['bad', 'limit: 0'],
  ['bad', 'limit: "5"'],
  ['bad', 'gzipLevel: 10'],
  ['bad', 'gzip: text/css'],
  ['bad', 'gzip: [css]'],
  ['bad', 'minSize: 5 apples'],
  ['bad', 'maxSize: 10M'],
  ['bad', 'maxSize: -1'],
  ['bad', 'hidden: "no"'],
  ['bad', 'mode: sync'],
  ['bad', 'concurrency: many'],
  ['bad', 'headers: [Cache-Control]'],
  ['bad', 'metadata: {build: 1234}'],
  ['bad', 'acl: public'],
  ['bad', 'rules: {match: "*"}'],
  ['bad', 'rules: rules.yaml'],
  ['bad', 'rules:\n  - cacheControl: no-cache'],
  ['bad', 'rules:\n  - match: []'],
  ['bad', 'rules:\n  - match: "*"\n    cache-control: no-cache'],
  ['bad', 'rules:\n  - match: "*"\n    headers: {Expires: 5}'],
  ['bad', 'rules:\n  - match: "*"\n    skip: "true"'],
  ['bad', 'rules:\n  - "*.html"'],
];

describe('the schema and the tool agree', () => {
  for (const [verdict, yaml] of FILES) {
    test(`${verdict}: ${yaml.replaceAll('\n', ' ⏎ ')}`, () => {
      const { value } = parseYaml('c.yaml', yaml);
      assert.equal(takes(value), verdict === 'good', JSON.stringify(fits.errors));
      const refused = toolRefusal(value as Readonly<Record<string, unknown>>);
      assert.equal(refused === undefined, verdict === 'good', refused ?? 'the tool takes it');
    });
  }

  const word = fc.constantFrom(
    '',
    'a',
    '*.html',
    'true',
    'auto',
    '8MiB',
    '1.5',
    '20 mb',
    '5 apples',
    'linear:5s',
    'css',
    'all',
  );
  const listed = [...CONFIG_ROWS.values()].flatMap(({ choices = [] }) => choices);
  const text = fc.oneof(word, fc.constantFrom(...listed, 'text/css', 'GUESS', 'private'), fc.string());
  const plain = fc.oneof(text, fc.integer({ min: -2, max: 12 }), fc.double({ noNaN: true, max: 9e15 }), fc.boolean());
  const named = fc.dictionary(fc.constantFrom('a', 'x-amz-meta-b', 'Cache-Control', 'Expires'), plain, { maxKeys: 3 });
  const rule = fc.record(
    {
      match: fc.oneof(text, fc.array(text, { maxLength: 2 })),
      ...Object.fromEntries([...RULE_KEYS].map((key) => [key, plain])),
    },
    { requiredKeys: [] },
  );
  const given = fc.oneof(
    plain,
    fc.constant(null),
    fc.array(fc.oneof(plain, fc.constant(null)), { maxLength: 3 }),
    named,
    fc.array(fc.oneof({ arbitrary: rule, weight: 3 }, named, plain), { maxLength: 2 }),
  );
  const option = fc.tuple(fc.constantFrom(...CONFIG_ROWS.keys(), 'unknown', 'yes'), given);

  test('property: what it takes the reader takes, and what it refuses the tool refuses', () => {
    fc.assert(
      fc.property(option, ([name, value]) => {
        // As a file holds it: without -0 and the like.
        const options = JSON.parse(JSON.stringify({ [name]: value })) as Readonly<Record<string, unknown>>;
        if (takes(options)) assert.equal(readerRefusal(options), undefined);
        else assert.notEqual(toolRefusal(options), undefined, JSON.stringify(fits.errors));
      }),
      runs(1000),
    );
  });
});
