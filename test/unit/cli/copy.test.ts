import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArgv } from '../../../src/cli/argv.js';
import type { ParsedCopy } from '../../../src/cli/copy.js';
import { withAccounts } from '../../../src/cli/copy-files.js';
import { parse, parseCommandLine } from '../../../src/cli/parse.js';
import { configText } from '../../../src/cli/print-config.js';
import { parseS3cfg, type S3cfg } from '../../../src/cli/s3cfg.js';
import type { ConfigLayer } from '../../../src/config/layers.js';
import { withCopyProxy } from '../../../src/config/proxy.js';
import { UsageError } from '../../../src/errors.js';
import type { CopyOptions } from '../../../src/options/types.js';

const PLACES = ['copy', 's3://a/x', 's3://b/y'];
const ENDS = { source: 's3://a/x', destination: 's3://b/y' };

function parseCopy(...argv: string[]): ParsedCopy {
  const invocation = parseCommandLine(argv);
  assert.ok(invocation.command === 'copy');
  return invocation;
}

function refusal(...argv: string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return `${error.message} ${error.hint ?? ''}`.trim();
  }
  assert.fail(`${argv.join(' ')} was taken`);
}

describe('flags become options of a copy', () => {
  const rows: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['', {}],
    ['--key k --key l', { key: ['k', 'l'] }],
    ['--key k?versionId=V1', { key: [{ key: 'k', versionId: 'V1' }] }],
    ['--key k?versionId=a?versionId=V1', { key: [{ key: 'k?versionId=a', versionId: 'V1' }] }],
    ['--key k?versionid=V1', { key: ['k?versionid=V1'] }],
    ['--from-prefix p/ --from-prefix q', { fromPrefix: ['p/', 'q'] }],
    ['--copy-acl', { copyAcl: true }],
    ['--no-copy-acl', { copyAcl: false }],
    ['--annotations exclude', { annotations: 'exclude' }],
    ['--split-above 64MiB', { splitAbove: '64MiB' }],
    ['--source-profile s --dest-profile d', { sourceProfile: 's', destProfile: 'd' }],
    ['--source-region s --dest-region d', { sourceRegion: 's', destRegion: 'd' }],
    ['--source-endpoint-url s --dest-endpoint-url d', { sourceEndpointUrl: 's', destEndpointUrl: 'd' }],
    ['--expected-source-bucket-owner 111122223333', { expectedSourceBucketOwner: '111122223333' }],
    ['--mode stupid --processes 8 -n', { mode: 'stupid', concurrency: 8, dryRun: true }],
    ['--check', { dryRun: true }],
    ['--exclude *.map --include keep.map', { exclude: ['*.map', '!keep.map'] }],
    ['--cache-control no-cache --header A:b', { cacheControl: 'no-cache', headers: { A: 'b' } }],
    ['--json --quiet --no-progress --log-file l --log-level debug', {}],
    ['--keys-file k --prefixes-file p --s3cfg s --dest-s3cfg d', {}],
  ];
  for (const [argv, expected] of rows)
    test(argv === '' ? '(nothing)' : argv, () => {
      const words = argv.split(' ').filter((word) => word !== '');
      assert.deepEqual(parseCopy(...PLACES, ...words).options, { ...ENDS, ...expected });
      assert.deepEqual(parseCopy('--command', 'copy', ...words, ...PLACES.slice(1)).options, { ...ENDS, ...expected });
    });

  test('files are named, and read later', () => {
    const files = { keysFile: '-', prefixesFile: 'p', s3cfg: 's', destS3cfg: 'd' };
    const argv = ['--keys-file', '-', '--prefixes-file', 'p', '--s3cfg', 's', '--dest-s3cfg', 'd'];
    assert.deepEqual(parseCopy(...PLACES, ...argv).files, files);
  });

  test('a log is turned on by its file, its level, or both', () => {
    assert.equal(parseCopy(...PLACES).output.log, undefined);
    assert.deepEqual(parseCopy(...PLACES, '--log-file', 'l').output.log, { file: 'l', level: 'info' });
    assert.deepEqual(parseCopy(...PLACES, '--log-level', 'debug').output.log, { file: undefined, level: 'debug' });
  });
});

describe('what cannot work in a copy is refused with the way that does', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['copy', /No source is given.*copy s3:\/\/source/],
    ['copy s3://a', /No destination.*Write copy s3:\/\/a s3:\/\/DEST\. .*s3copy.*temp\/dest.*was not kept/],
    ['copy s3://a s3://b s3://c', /a source and a destination, but "s3:\/\/c" follows/],
    ['copy dist s3://b', /"dist" is not a bucket.*s3-parallel-put put/],
    ['copy dist', /"dist" is not a bucket.*s3-parallel-put put/],
    ['copy s3://a dist', /downloads are not supported.*aws s3 cp or aws s3 sync/],
    ['copy S3://a s3://b', /Write s3:\/\/a\./],
    ['copy s3://a s3:/b', /Write s3:\/\/b\./],
    ['copy https://my-site.s3.amazonaws.com s3://b', /Write s3:\/\/my-site;/],
    ['copy s3://a arn:aws:s3:::my-site', /"arn:.*" is not how a bucket is written\. Write s3:\/\/my-site\.$/],
    [
      'copy s3://a http://h:9000/my-site/p',
      /Write s3:\/\/my-site\/p, and endpointUrl: 'http:\/\/h:9000' for the server/,
    ],
    ['copy s3://a --bucket b', /"copy" takes no --bucket.*destination is the last word/],
    ['copy s3://a s3://b --prefix p', /"copy" takes no --prefix.*destination is the last word/],
    ['copy s3://a s3://b --gzip', /"copy" takes no --gzip/],
    ['copy s3://a s3://b --gzip-type a/b', /"copy" takes no --gzip-type/],
    ['copy s3://a s3://b --no-hidden', /"copy" takes no --no-hidden/],
    ['copy s3://a s3://b --stdin-key k', /"copy" takes no --stdin-key.*--keys-file -/],
    ['copy s3://a s3://b --yes', /"copy" takes no --yes/],
    ['copy s3://a s3://b --key ?versionId=V', /names no object/],
    ['copy s3://a s3://b --key k?versionId=', /names no version/],
    ['copy s3://a s3://b --key=', /--key has an empty value/],
    ['copy s3://a s3://b --keys-file - --prefixes-file -', /standard input.*once/],
    ['copy s3://a s3://b --s3cfg f --profile p', /--s3cfg and --profile both/],
    ['copy s3://a s3://b --s3cfg f --source-profile p', /--s3cfg and --source-profile both/],
    ['copy s3://a s3://b --dest-s3cfg f --dest-profile p', /--dest-s3cfg and --dest-profile both/],
    ['copy s3://a s3://b --log-level loud', /"loud"; it must be one of error, warning, info, debug/],
    ['copy s3://a s3://b -v -q', /-v and -q contradict/],
    ['dist s3://b --copy-acl', /--copy-acl belongs to the command "copy".*copy s3:\/\/SOURCE s3:\/\/DEST/],
    ['dist s3://b --key k', /--key belongs to the command "copy"/],
    ['uploads s3://b --key k', /"uploads" takes no --key/],
    ['uploads s3://b --log-file l', /"uploads" takes no --log-file/],
  ];
  for (const [argv, expected] of rows) test(argv, () => assert.match(refusal(...argv.split(' ')), expected));
});

describe('variables and config files', () => {
  const below = (values: Readonly<Record<string, unknown>>): ConfigLayer =>
    new Map(Object.entries(values).map(([name, value]) => [name, { value, from: 'file' }]));
  const over = (argv: readonly string[], ...places: Readonly<Record<string, unknown>>[]) =>
    parse(readArgv(argv), { layers: places.map(below), warnings: [] });

  test('give a copy what it takes; options of a put say nothing there', () => {
    const file = { source: ['dist'], bucket: 'site', prefix: 'p', gzip: true, rules: [], hidden: false, mode: 'add' };
    const invocation = over(PLACES, { key: ['k?versionId=V'], s3cfg: 'f' }, file);
    assert.ok(invocation.command === 'copy');
    assert.deepEqual(invocation.options, { ...ENDS, mode: 'add', key: [{ key: 'k', versionId: 'V' }] });
    assert.equal(invocation.files.s3cfg, 'f');
  });

  test('of a copy say nothing to a put', () => {
    const invocation = over(['dist', 's3://b'], { key: ['k'], copyAcl: true, s3cfg: 'f', mode: 'add' });
    assert.ok(invocation.command === 'put');
    assert.deepEqual(invocation.options, { source: ['dist'], bucket: 's3://b', mode: 'add' });
  });

  test('the command line chooses between a profile and a file of s3cmd', () => {
    const profile = over([...PLACES, '--profile', 'p'], { s3cfg: 'f' });
    assert.ok(profile.command === 'copy' && profile.files.s3cfg === undefined);
    const file = over([...PLACES, '--s3cfg', 'f'], { profile: 'p' });
    assert.ok(file.command === 'copy' && file.options.profile === undefined);
    assert.throws(() => over(PLACES, { s3cfg: 'f', profile: 'p' }), /both say whose credentials/);
  });

  test('--print-config shows what a copy takes, and its places as comments', () => {
    const printed = over([...PLACES, '--print-config', '--key', 'k']);
    assert.ok(printed.command === 'print-copy-config');
    const text = configText(printed.parsed.settings, 'copy');
    assert.match(text, /^# source: "s3:\/\/a\/x" # command line$/m);
    assert.match(text, /^# destination: "s3:\/\/b\/y" # command line$/m);
    assert.match(text, /^key: \["k"\] # --key$/m);
    assert.match(text, /^# contentType: the source's \(default\)$/m);
    assert.doesNotMatch(text, /gzip|bucket:|logLevel: "/);
    assert.ok(over(['copy', '--print-config']).command === 'print-copy-config');
  });
});

describe('files of s3cmd fill in options that are not given', () => {
  const cfg = (name: string, more: Partial<S3cfg> = {}): S3cfg => ({
    ...parseS3cfg('f', `access_key = ${name}\nsecret_key = s\n`, undefined),
    ...more,
  });
  const account = (name: string) => ({ accessKeyId: name, secretAccessKey: 's' });
  const own = { endpointUrl: 'http://h', region: 'eu-west-1', pathStyle: true };

  test('one holds for both sides', () => {
    assert.deepEqual(withAccounts(ENDS, cfg('A', { ...own, proxy: 'http://p:1' }), undefined), {
      ...ENDS,
      endpointUrl: 'http://h',
      region: 'eu-west-1',
      forcePathStyle: true,
      proxy: 'http://p:1',
      credentials: account('A'),
    });
    assert.deepEqual(withAccounts(ENDS, cfg('A'), undefined), { ...ENDS, credentials: account('A') });
    assert.deepEqual(withAccounts(ENDS, undefined, undefined), ENDS);
  });

  test('options win over it, and a profile of the destination is another account', () => {
    const options: CopyOptions = { ...ENDS, endpointUrl: 'http://o', region: 'r', forcePathStyle: false };
    assert.deepEqual(withAccounts(options, cfg('A', own), undefined), { ...options, credentials: account('A') });
    const dest: CopyOptions = { ...ENDS, destProfile: 'd', destEndpointUrl: 'http://d' };
    assert.deepEqual(withAccounts(dest, cfg('A', own), undefined), {
      ...dest,
      endpointUrl: 'http://h',
      region: 'eu-west-1',
      sourceCredentials: account('A'),
    });
  });

  test('one of the destination leaves the source what holds for both', () => {
    const options: CopyOptions = { ...ENDS, endpointUrl: 'http://o', region: 'r', profile: 'p' };
    assert.deepEqual(withAccounts(options, undefined, cfg('B', { endpointUrl: 'http://d' })), {
      ...ENDS,
      sourceEndpointUrl: 'http://o',
      sourceRegion: 'r',
      sourceProfile: 'p',
      destEndpointUrl: 'http://d',
      destRegion: 'r',
      destCredentials: account('B'),
    });
  });

  test('two are one for each side, below the options of a side', () => {
    const options: CopyOptions = { ...ENDS, sourceRegion: 's', destEndpointUrl: 'http://d' };
    assert.deepEqual(withAccounts(options, cfg('A', own), cfg('B', { region: 'us-east-1' })), {
      ...options,
      sourceEndpointUrl: 'http://h',
      sourceCredentials: account('A'),
      destRegion: 'us-east-1',
      destCredentials: account('B'),
    });
  });
});

test('the proxy of the environment is that of both sides, or an error', (t) => {
  const names = [
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
    'https_proxy',
    'http_proxy',
    'no_proxy',
    'ALL_PROXY',
    'all_proxy',
  ];
  const kept = names.map((name) => [name, process.env[name]] as const);
  t.after(() => {
    for (const [name, value] of kept) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  for (const name of names) delete process.env[name];
  assert.equal(withCopyProxy(ENDS).proxy, undefined);
  process.env.HTTPS_PROXY = 'http://p:1';
  assert.equal(withCopyProxy(ENDS).proxy, 'http://p:1');
  const local: CopyOptions = { ...ENDS, destEndpointUrl: 'http://127.0.0.1:9' };
  assert.throws(() => withCopyProxy(local), {
    name: 'UsageError',
    message: /a proxy for the source, and none for the dest/,
  });
  assert.equal(withCopyProxy({ ...local, sourceEndpointUrl: 'http://localhost:9' }).proxy, undefined);
});
