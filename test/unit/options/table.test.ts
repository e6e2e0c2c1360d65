import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeleteObjectsOptions } from '../../../src/delete.js';
import { OPTION_COMMANDS, OPTION_GROUPS, type OptionCommand } from '../../../src/options/row.js';
import type { FinishChoices } from '../../../src/options/site-types.js';
import { apiRows, belongsTo, CLI_FLAGS, OPTION_TABLE } from '../../../src/options/table.js';
import type { CopyOptions, PutOptions } from '../../../src/options/types.js';
import type { UploadsOptions } from '../../../src/uploads.js';

/** The compiler keeps this complete. */
const PUT_OPTIONS: Readonly<Record<keyof PutOptions, true>> = {
  source: true,
  bucket: true,
  prefix: true,
  as: true,
  mode: true,
  compare: true,
  include: true,
  exclude: true,
  keyBase: true,
  limit: true,
  minSize: true,
  maxSize: true,
  hidden: true,
  symlinks: true,
  contentType: true,
  headers: true,
  cacheControl: true,
  contentEncoding: true,
  contentDisposition: true,
  contentLanguage: true,
  expires: true,
  websiteRedirect: true,
  acl: true,
  metadata: true,
  storageClass: true,
  sse: true,
  sseKmsKeyId: true,
  tagging: true,
  requestPayer: true,
  expectedBucketOwner: true,
  gzip: true,
  gzipLevel: true,
  rules: true,
  concurrency: true,
  maxRequestRate: true,
  dryRun: true,
  failFast: true,
  ifNoFilesFound: true,
  endpointUrl: true,
  region: true,
  forcePathStyle: true,
  secure: true,
  profile: true,
  proxy: true,
  httpClient: true,
  checksum: true,
  maxAttempts: true,
  retryDelay: true,
  memory: true,
  syncReads: true,
  threads: true,
  partSize: true,
  multipartThreshold: true,
  resume: true,
  credentials: true,
  onCredentials: true,
  signal: true,
  onEvent: true,
  key: true,
  absoluteKey: true,
  filter: true,
  order: true,
  delete: true,
  maxDelete: true,
  protect: true,
  deleteAfter: true,
  listStrays: true,
  preset: true,
  updateHeaders: true,
  maxUpdate: true,
  cleanUrls: true,
  allowSecrets: true,
  conditionalWrites: true,
  normalize: true,
  warnSourceMaps: true,
  filesFrom: true,
  compress: true,
  brLevel: true,
  zstdLevel: true,
  precompressed: true,
  redirects: true,
  redirectsFile: true,
  headersFile: true,
  checkLinks: true,
  cloudfrontDistributionId: true,
  invalidationPaths: true,
  maxInvalidationPaths: true,
  waitForInvalidation: true,
  invalidationFailure: true,
  verifyUrl: true,
  shard: true,
};

const COPY_OPTIONS: Readonly<Record<keyof CopyOptions, true>> = {
  source: true,
  destination: true,
  key: true,
  fromPrefix: true,
  mode: true,
  compare: true,
  include: true,
  exclude: true,
  limit: true,
  minSize: true,
  maxSize: true,
  contentType: true,
  headers: true,
  cacheControl: true,
  contentEncoding: true,
  contentDisposition: true,
  contentLanguage: true,
  expires: true,
  websiteRedirect: true,
  acl: true,
  batchOperations: true,
  batchRole: true,
  batchJob: true,
  batchReports: true,
  copyAcl: true,
  annotations: true,
  metadata: true,
  storageClass: true,
  sse: true,
  sseKmsKeyId: true,
  tagging: true,
  requestPayer: true,
  expectedBucketOwner: true,
  expectedSourceBucketOwner: true,
  concurrency: true,
  maxRequestRate: true,
  dryRun: true,
  failFast: true,
  ifNoFilesFound: true,
  endpointUrl: true,
  region: true,
  forcePathStyle: true,
  secure: true,
  profile: true,
  credentials: true,
  onCredentials: true,
  sourceEndpointUrl: true,
  sourceRegion: true,
  sourceProfile: true,
  sourceCredentials: true,
  destEndpointUrl: true,
  destRegion: true,
  destProfile: true,
  destCredentials: true,
  proxy: true,
  httpClient: true,
  checksum: true,
  maxAttempts: true,
  retryDelay: true,
  memory: true,
  partSize: true,
  multipartThreshold: true,
  splitAbove: true,
  resume: true,
  signal: true,
  onEvent: true,
  delete: true,
  maxDelete: true,
  protect: true,
  listStrays: true,
  shard: true,
};

/** What `finish` takes besides the options of a put, without `shard`. */
const FINISH_OPTIONS: Readonly<Record<keyof FinishChoices, true>> = { reports: true, shards: true };

const UPLOADS_OPTIONS: Readonly<Record<keyof UploadsOptions, true>> = {
  bucket: true,
  prefix: true,
  endpointUrl: true,
  region: true,
  forcePathStyle: true,
  secure: true,
  profile: true,
  credentials: true,
  onCredentials: true,
  proxy: true,
  httpClient: true,
  requestPayer: true,
  expectedBucketOwner: true,
  maxAttempts: true,
  dryRun: true,
  abortOlderThan: true,
  any: true,
  confirm: true,
  signal: true,
  onEvent: true,
};

const DELETE_OPTIONS: Readonly<Record<keyof DeleteObjectsOptions, true>> = {
  bucket: true,
  prefix: true,
  protect: true,
  maxDelete: true,
  endpointUrl: true,
  region: true,
  forcePathStyle: true,
  secure: true,
  profile: true,
  credentials: true,
  onCredentials: true,
  proxy: true,
  httpClient: true,
  requestPayer: true,
  expectedBucketOwner: true,
  concurrency: true,
  maxRequestRate: true,
  maxAttempts: true,
  retryDelay: true,
  dryRun: true,
  failFast: true,
  confirm: true,
  signal: true,
  onEvent: true,
};

test('the table has exactly the options of each function of the API, and what only the command line has', () => {
  const names = (command: OptionCommand) =>
    apiRows(command)
      .map(({ name }) => name)
      .toSorted();
  assert.deepEqual(names('put'), Object.keys(PUT_OPTIONS).toSorted());
  assert.deepEqual(names('copy'), Object.keys(COPY_OPTIONS).toSorted());
  const { shard: _shard, ...ofPut } = PUT_OPTIONS;
  assert.deepEqual(names('finish'), Object.keys({ ...ofPut, ...FINISH_OPTIONS }).toSorted());
  assert.deepEqual(names('uploads'), Object.keys(UPLOADS_OPTIONS).toSorted());
  assert.deepEqual(names('delete'), Object.keys(DELETE_OPTIONS).toSorted());
});

test('no name and no spelling stands for two options', () => {
  for (const command of OPTION_COMMANDS) {
    const names = OPTION_TABLE.filter((row) => belongsTo(row, command)).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  }
  const onCommandLine = OPTION_TABLE.filter(({ faces }) => faces.includes('cli')).map(({ name }) => name);
  assert.equal(new Set(onCommandLine).size, onCommandLine.length, 'a name in a config file means one thing');
  const spellings = CLI_FLAGS.flatMap((row) => [
    row.flag,
    ...(row.aliases ?? []),
    ...Object.keys(row.shorthands ?? {}),
  ]);
  assert.equal(new Set(spellings).size, spellings.length);
  const letters = CLI_FLAGS.flatMap(({ short }) => (short === undefined ? [] : [short]));
  assert.equal(new Set(letters).size, letters.length);
  assert.ok(!letters.includes('p'), 'older tools disagree on -p');
});

test('a flag is the kebab-case of its option, except where the option collects repeated flags', () => {
  for (const { name, flag } of CLI_FLAGS) {
    const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    assert.equal(flag, name === 'headers' ? 'header' : kebab);
  }
});

test('an option with a value names its placeholder, and a choice lists its values', () => {
  for (const row of CLI_FLAGS) {
    assert.equal(row.value !== undefined, row.type !== 'switch', row.name);
    if (row.type !== 'choice') continue;
    assert.ok((row.choices?.length ?? 0) > 0, row.name);
    assert.ok(row.default === undefined || row.choices?.includes(row.default), row.name);
  }
});

test('every row has one or two sentences of help in a known group', () => {
  for (const { name, help, copyHelp = help, group } of OPTION_TABLE) {
    assert.match(copyHelp, /^\S.*\.$/, name);
    assert.match(help, /^\S.*\.$/, name);
    assert.ok(help.length <= 140, name);
    assert.ok(OPTION_GROUPS.includes(group), name);
  }
});

test('the table is a value of its own: importing it loads no engine and no SDK', async () => {
  const { readdir, readFile } = await import('node:fs/promises');
  const options = new URL('../../../src/options/', import.meta.url);
  const groups = (await readdir(new URL('rows/', options))).map((name) => `rows/${name}`);
  const texts = await Promise.all(['table.ts', ...groups].map((name) => readFile(new URL(name, options), 'utf8')));
  const from = texts.flatMap((text) => [...text.matchAll(/ from '([^']+)'/g)].map(([, module = '']) => module));
  const others = from.filter((module) => !/^\.\/rows\/|\/(?:row|common|types|items|site-types)\.js$/.test(module));
  assert.deepEqual(others, []);
});
