import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readArgv } from '../../../src/cli/argv.js';
import { hasNegation } from '../../../src/cli/flags.js';
import { type Invocation, parse, parseCommandLine } from '../../../src/cli/parse.js';
import { isConfigurable } from '../../../src/config/layers.js';
import { UsageError } from '../../../src/errors.js';
import { belongsTo, CLI_FLAGS } from '../../../src/options/table.js';

type PutInvocation = Extract<Invocation, { command: 'put' }>;

const DIST = ['dist', 's3://b/p'];

function parsePut(...argv: string[]): PutInvocation {
  const invocation = parseCommandLine(argv);
  assert.ok(invocation.command === 'put');
  return invocation;
}

function optionsOf(...argv: string[]): Readonly<Record<string, unknown>> {
  const { source, bucket, ...rest } = parsePut(...argv, ...DIST).options;
  assert.deepEqual([source, bucket], [['dist'], 's3://b/p']);
  return rest;
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

describe('flags become options', () => {
  const rows: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['--mode add', { mode: 'add' }],
    ['--put=stupid', { mode: 'stupid' }],
    ['--processes 8', { concurrency: 8 }],
    ['--concurrency auto', { concurrency: 'auto' }],
    ['--max-request-rate 0.5', { maxRequestRate: 0.5 }],
    ['--max-request-rate=3500', { maxRequestRate: 3500 }],
    ['--grant public-read', { acl: 'public-read' }],
    ['--acl=private', { acl: 'private' }],
    ['--host localhost:9000', { endpointUrl: 'localhost:9000' }],
    ['--endpoint http://h', { endpointUrl: 'http://h' }],
    ['--endpoint-url=http://h', { endpointUrl: 'http://h' }],
    ['--insecure', { secure: false }],
    ['--no-secure', { secure: false }],
    ['--secure', { secure: true }],
    ['--no-insecure', { secure: true }],
    ['--size-only', { compare: 'size' }],
    ['--compare size', { compare: 'size' }],
    ['--content-type text/plain', { contentType: 'text/plain' }],
    ['--content-type guess', { contentType: 'guess' }],
    ['--limit 3', { limit: 3 }],
    ['--limit=0', { limit: 0 }],
    ['-n', { dryRun: true }],
    ['--dry-run', { dryRun: true }],
    ['--no-dry-run', { dryRun: false }],
    ['-nv', { dryRun: true }],
    ['-qn', { dryRun: true }],
    ['-n -n', { dryRun: true }],
    ['--check', { dryRun: true }],
    ['--min-size 8MiB --max-size 20MB', { minSize: '8MiB', maxSize: '20MB' }],
    ['--no-hidden', { hidden: false }],
    ['--symlinks skip', { symlinks: 'skip' }],
    ['--key-base cwd', { keyBase: 'cwd' }],
    ['--fail-fast', { failFast: true }],
    ['--if-no-files-found warn', { ifNoFilesFound: 'warn' }],
    ['--region eu-west-1 --profile build', { region: 'eu-west-1', profile: 'build' }],
    ['--force-path-style', { forcePathStyle: true }],
    ['--no-force-path-style', { forcePathStyle: false }],
    ['--metadata a=1 --metadata b=x=y', { metadata: { a: '1', b: 'x=y' } }],
    ['--storage-class STANDARD_IA', { storageClass: 'STANDARD_IA' }],
    ['--sse aws:kms --sse-kms-key-id alias/site', { sse: 'aws:kms', sseKmsKeyId: 'alias/site' }],
    ['--encrypt-key', { sse: 'AES256' }],
    ['--tagging team=docs --tagging Team=a=b --tagging empty=', { tagging: { team: 'docs', Team: 'a=b', empty: '' } }],
    ['--request-payer', { requestPayer: true }],
    ['--no-request-payer', { requestPayer: false }],
    // As the AWS CLI writes it.
    ['--request-payer requester', { requestPayer: true }],
    ['--request-payer=requester', { requestPayer: true }],
    ['--content-encoding br', { contentEncoding: 'br' }],
    ['--content-disposition attachment', { contentDisposition: 'attachment' }],
    ['--content-language de', { contentLanguage: 'de' }],
    ['--expires 2100-01-01', { expires: '2100-01-01' }],
    ['--website-redirect /new', { websiteRedirect: '/new' }],
    ['--expected-bucket-owner 111122223333', { expectedBucketOwner: '111122223333' }],
    ['--include *.js --exclude *.map --include keep.map', { include: ['*.js'], exclude: ['*.map', '!keep.map'] }],
    ['--json --quiet --no-progress', {}],
  ];
  for (const [argv, expected] of rows) {
    test(argv, () => assert.deepEqual(optionsOf(...argv.split(' ')), expected));
  }

  test('a header is split at its first colon, and keeps commas and colons of its value', () => {
    assert.deepEqual(optionsOf('--header', 'Cache-Control: public, max-age=60', '--header', 'x-amz-meta-a:b:c'), {
      headers: { 'Cache-Control': 'public, max-age=60', 'x-amz-meta-a': 'b:c' },
    });
  });

  test('options may stand before, between and after the operands', () => {
    assert.deepEqual(parsePut('a', '-n', 'b', 's3://b', '--mode', 'add').options, {
      source: ['a', 'b'],
      bucket: 's3://b',
      dryRun: true,
      mode: 'add',
    });
  });

  test('bucket and prefix can be named by flags', () => {
    const { options } = parsePut('dist', '--bucket', 'b', '--prefix', 'p');
    assert.deepEqual(options, { source: ['dist'], bucket: 'b', prefix: 'p' });
    assert.equal(parsePut('dist', '--bucket', 's3://b/p').options.bucket, 's3://b/p');
    assert.equal(parsePut('dist', '--bucket=b', '--prefix=').options.prefix, '');
  });

  test('after -- every word is an operand', () => {
    assert.deepEqual(parsePut('--bucket', 'b', '--', '-n', 'put').options.source, ['-n', 'put']);
  });

  test('output options are not passed to the engine', () => {
    const shown = { verbose: false, quiet: false, summary: true, json: false, progress: true, check: false };
    assert.deepEqual(parsePut(...DIST).output, shown);
    assert.deepEqual(parsePut('-v', '--json', '--no-progress', '--check', ...DIST).output, {
      ...shown,
      verbose: true,
      json: true,
      progress: false,
      check: true,
    });
    assert.equal(parsePut('-q', ...DIST).output.quiet, true);
  });

  test('quiet leaves the summary, and given twice or with its word it leaves failures alone', () => {
    const rows: readonly (readonly [argv: string, quiet: boolean, summary: boolean])[] = [
      ['-q', true, true],
      ['--quiet', true, true],
      ['-qq', true, false],
      ['-q -q', true, false],
      ['--quiet --quiet', true, false],
      ['-q --quiet', true, false],
      ['-nqq', true, false],
      ['--quiet=failures', true, false],
      ['-q --quiet=failures', true, false],
      ['--no-quiet', false, true],
    ];
    for (const [argv, quiet, summary] of rows) {
      const { output } = parsePut(...argv.split(' '), ...DIST);
      assert.deepEqual([output.quiet, output.summary], [quiet, summary], argv);
    }
    assert.throws(() => parsePut('--quiet=all', ...DIST), /--quiet is "all"; it must be failures\./);
    assert.throws(() => parsePut('-q', '--no-quiet', ...DIST), /-q and --no-quiet contradict each other/);
    assert.throws(() => parsePut('-qq', '-v', ...DIST), /-v and -q contradict each other/);
  });

  test('every flag of the table parses, by each of its spellings', () => {
    const sample = {
      string: 'x',
      integer: '7',
      number: '0.5',
      size: '7',
      globs: 'x',
      headers: 'A: b',
      pairs: 'a=b',
      optional: 'a/b',
      file: 'x',
      texts: 'x',
    } as Record<string, string>;
    const wordsOf = (row: (typeof CLI_FLAGS)[number]): readonly string[] => {
      if (belongsTo(row, 'put')) return DIST;
      return belongsTo(row, 'copy') ? ['copy', 's3://a', 's3://b'] : ['worker', 'redis://h'];
    };
    for (const row of CLI_FLAGS) {
      if (!isConfigurable(row)) continue;
      const value = row.choices?.[0] ?? sample[row.type] ?? '';
      for (const name of [row.flag, ...(row.aliases ?? [])]) {
        const own = wordsOf(row);
        const words = ['bucket', 'prefix'].includes(row.name) ? ['dist', '--bucket=b'] : own;
        if (row.name === 'bucket') parsePut('dist', '--bucket', value);
        else if (row.type === 'switch') parseCommandLine([`--${name}`, ...words]);
        else for (const flag of [[`--${name}`, value], [`--${name}=${value}`]]) parseCommandLine([...flag, ...words]);
      }
      if (hasNegation(row)) parseCommandLine([`--no-${row.flag}`, ...wordsOf(row)]);
      if (row.short !== undefined) parsePut(`-${row.short}`, ...DIST);
    }
  });
});

describe('what cannot work is refused with the way that does', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /No source is given/],
    ['s3://b', /No source is given/],
    ['dist', /No bucket is given.*s3:\/\/bucket\/prefix.*--bucket/],
    ['dist my-bucket', /No bucket is given.*s3:\/\/my-bucket/],
    ['dist S3://my-bucket', /write s3:\/\/my-bucket\./],
    ['dist https://my-site.s3.amazonaws.com', /"https:.*" is not how a bucket is written\. Write s3:\/\/my-site;/],
    ['dist my-site.s3.eu-west-1.amazonaws.com', /Write s3:\/\/my-site\.$/],
    ['dist arn:aws:s3:::my-site/docs/*', /Write s3:\/\/my-site\/docs\.$/],
    ['dist http://h:9000/my-site', /Write s3:\/\/my-site, and endpointUrl: 'http:\/\/h:9000' for the server/],
    ['dist https://example.com', /"https:\/\/example\.com" names no bucket.*s3:\/\/BUCKET.*endpointUrl/],
    ['uploads https://my-site.s3.amazonaws.com/docs', /is not a bucket\. Write s3:\/\/my-site\/docs;/],
    ['dist s3://b --bucket c', /destination is given twice.*"s3:\/\/b".*--bucket/],
    ['dist s3://b --prefix p', /destination is given twice.*"s3:\/\/b".*--prefix/],
    ['s3://a s3://b', /"s3:\/\/a" is a bucket.*s3-parallel-put copy s3:\/\/a s3:\/\/DEST/],
    [
      's3://a dist',
      /"s3:\/\/a" is a bucket, and downloads are not supported.*aws s3 cp.*s3-parallel-put copy s3:\/\/a s3:\/\/DEST/,
    ],
    ['s3://a --bucket b', /"s3:\/\/a" is a bucket/],
    ['dist/** s3://b', /glob.*source dist with --include '\*\*'/],
    ['a/b/*.js s3://b', /source a\/b with --include '\*\.js'/],
    ['*.js s3://b', /source \. with --include '\*\.js'/],
    ['/*.js s3://b', /source \/ with --include '\*\.js'/],
    ['dist/{a,b}/c s3://b', /source dist with --include '{a,b}\/c'/],
    ['--dryrun dist s3://b', /Unknown option --dryrun\. Did you mean --dry-run\?/],
    ['--dry_run dist s3://b', /Did you mean --dry-run/],
    ['--cache-c dist s3://b', /Did you mean --cache-control/],
    ['--bucket-region eu dist s3://b', /Unknown option --bucket-region\. Use region\./],
    ['--hlep', /Unknown option --hlep\. Did you mean --help\?/],
    ['-hlep', /Unknown option -hlep\. Did you mean --help\?/],
    ['--halp', /Did you mean --help\?/],
    ['-dry-run dist s3://b', /Unknown option -dry-run\. Did you mean --dry-run\?/],
    ['--xyzzy dist s3://b', /Unknown option --xyzzy\. s3-parallel-put --help all lists/],
    ['-p x dist s3://b', /Unknown option -p.*prefix.*mode/],
    ['-x dist s3://b', /Unknown option -x/],
    ['-nx dist s3://b', /Unknown option -x/],
    ['--no-limit dist s3://b', /--no-limit does not exist.*leave --limit out/],
    ['--mode add --put update dist s3://b', /--mode and --put mean the same and are given twice: "add" and "update"/],
    ['--limit 1 --limit 2 dist s3://b', /--limit is given twice: "1" and "2"/],
    ['--size-only --compare content dist s3://b', /given twice/],
    ['--dry-run=yes dist s3://b', /--dry-run takes no value, but has "yes".*--no-dry-run/],
    ['--size-only=1 dist s3://b', /--size-only takes no value/],
    ['--dry-run --no-dry-run dist s3://b', /--dry-run and --no-dry-run contradict/],
    ['--secure --insecure dist s3://b', /--secure and --insecure contradict/],
    ['-v -q dist s3://b', /-v and -q contradict/],
    ['--check --no-dry-run dist s3://b', /--check and --no-dry-run contradict/],
    ['--insecure --host https://h dist s3://b', /--insecure and an https:\/\/ endpoint contradict/],
    ['dist s3://b --limit', /--limit needs a value: --limit N/],
    ['dist s3://b --region --json', /--region needs a value, but the option-like "--json" follows.*--region=--json/],
    ['--region= dist s3://b', /--region has an empty value/],
    ['--limit ten dist s3://b', /--limit is "ten"; it must be a whole number/],
    ['--limit -1 dist s3://b', /--limit is "-1"; it must be a whole number/],
    ['--limit 1.5 dist s3://b', /--limit is "1.5"; it must be a whole number/],
    ['--processes many dist s3://b', /--processes is "many"; it must be a whole number or auto/],
    ['--put updat dist s3://b', /--put is "updat"; it must be one of add, update, stupid\. Did you mean update\?/],
    ['--acl public dist s3://b', /--acl is "public".*Did you mean public-read\?/],
    ['--acl PUBLIC_READ dist s3://b', /Did you mean public-read\?/],
    ['--storage-class ONEZONEIA dist s3://b', /Did you mean ONEZONE_IA\?/],
    ['--sse kms dist s3://b', /Did you mean aws:kms/],
    ['--checksum crc dist s3://b', /Did you mean crc32\?/],
    ['--symlinks folow dist s3://b', /Did you mean follow\?/],
    ['--resume unprovn dist s3://b', /Did you mean unproven\?/],
    ['--request-payer owner', /No bucket/],
    ['--grant public dist s3://b', /--grant is "public"; it must be one of private, public-read/],
    ['--header foo dist s3://b', /--header: "foo" is not of the form "Name: value"/],
    ['--header :foo dist s3://b', /--header: ":foo" is not of the form/],
    ['--header a:1 --header A:2 dist s3://b', /--header: "A" is given twice/],
    ['--storage-class COLD dist s3://b', /--storage-class is "COLD"; it must be one of STANDARD, STANDARD_IA/],
    ['--sse AES-256 dist s3://b', /--sse is "AES-256"; it must be one of AES256, aws:kms.*Did you mean AES256\?/],
    ['--encrypt-key --sse aws:kms dist s3://b', /--encrypt-key and --sse mean the same and are given twice/],
    ['--encrypt-key=AES256 dist s3://b', /--encrypt-key takes no value/],
    ['--tagging foo dist s3://b', /--tagging: "foo" is not of the form "name=value"/],
    ['--tagging a=1 --tagging a=2 dist s3://b', /--tagging: "a" is given twice/],
    ['--request-payer=owner dist s3://b', /--request-payer takes no value/],
    ['--no-request-payer=requester dist s3://b', /--no-request-payer takes no value/],
    ['--metadata foo dist s3://b', /--metadata: "foo" is not of the form "name=value"/],
    ['--metadata a=1 --metadata a=2 dist s3://b', /--metadata: "a" is given twice/],
    [
      '--command xopy dist s3://b',
      /--command is "xopy"; it must be one of put, copy, uploads, delete, explain, finish, worker, completion, help, version\. Did you mean copy/,
    ],
    ['completion', /needs a shell.*bash, zsh, fish, powershell/],
    ['completion tcsh', /no completion for "tcsh".*bash/],
    ['completion bash zsh', /takes one shell/],
    ['completion bash -n', /takes no -n/],
  ];
  for (const [argv, expected] of rows) {
    test(argv === '' ? '(nothing)' : argv, () =>
      assert.match(refusal(...argv.split(' ').filter((word) => word !== '')), expected),
    );
  }

  test('an empty source is not the working directory', () => assert.match(refusal('', 's3://b'), /empty text/));
});

describe('removed spellings of the original tool are refused with the new way', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['--resume=put.log', /--resume put\.log was removed.*same command again/],
    ['--resume put.log', /--resume put\.log was removed/],
    ['--walk s3', /--walk s3 was removed.*s3-parallel-put copy s3:\/\/SOURCE s3:\/\/DEST/],
    ['--walk=tar', /--walk tar was removed.*archive/],
    ['--walk filesystem', /--walk filesystem was removed.*Leave it out/],
    ['--put copy', /--put copy is no longer a mode.*s3-parallel-put copy s3:\/\/SOURCE s3:\/\/DEST/],
    ['--bucket_region eu-west-1', /Use region/],
    ['--log-filename put.log', /logFile FILE.*redirect stdout/],
    ['--ignore-files-older-than-days 3', /include/],
    ['--content-type magic', /contentType: 'guess'/],
  ];
  for (const [argv, expected] of rows)
    test(argv, () => assert.match(refusal(...argv.split(' '), 'dist', 's3://b'), expected));
});

describe('commands', () => {
  let before_: string;
  let folder: string;
  before(() => {
    before_ = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 's3pp-cli-'));
    for (const name of ['put', 'completion', 'dist', 'x{1}']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'dist', 'a'), 'a');
    process.chdir(folder);
  });
  after(() => {
    process.chdir(before_);
    rmSync(folder, { recursive: true });
  });

  test('help and version work even if other options are wrong or missing', () => {
    for (const argv of [['-h'], ['--help'], ['--xyzzy', '--help'], ['put', '--help'], ['completion', '-h'], ['-nh']]) {
      assert.equal(parseCommandLine(argv).command, 'help');
    }
    assert.equal(parseCommandLine(['--version']).command, 'version');
  });

  test('a first word that is a command is the command', () => {
    process.chdir(join(folder, 'dist'));
    assert.deepEqual(parsePut('put', 'a', 's3://b').options.source, ['a']);
    assert.deepEqual(parsePut('-n', 'put', 'a', 's3://b').options.source, ['a']);
    process.chdir(folder);
    assert.deepEqual(parseCommandLine(['completion', 'zsh']), { command: 'completion', shell: 'zsh' });
  });

  test('a word that could be the command or a folder is a usage error that names both ways', () => {
    const expected =
      /"put" is a command, and a folder of that name exists\. Write \.\/put for the folder, or --command put/;
    assert.match(refusal('put', 's3://b'), expected);
    assert.match(refusal('put', 'dist', 's3://b'), expected);
    assert.match(refusal('put', 'dist', '--bucket', 'b'), expected);
    assert.match(refusal('completion', 's3://b'), /"completion" is a command.*\.\/completion/);
  });

  test('both ways out work', () => {
    assert.deepEqual(parsePut('./put', 's3://b').options.source, ['./put']);
    assert.deepEqual(parsePut('--command', 'put', 'put', 's3://b').options.source, ['put']);
    assert.deepEqual(parsePut('--command', 'put', 'dist', 's3://b').options.source, ['dist']);
    assert.deepEqual(parseCommandLine(['--command', 'completion', 'fish']), { command: 'completion', shell: 'fish' });
  });

  test('it is no doubt where the folder reading could not work', () => {
    assert.deepEqual(parsePut('put', 'gone', 's3://b').options.source, ['gone']);
    assert.match(refusal('put', 'dist'), /No bucket/);
    assert.deepEqual(parsePut('dist', 'put', 's3://b').options.source, ['dist', 'put']);
    assert.deepEqual(parsePut('--', 'put', 's3://b').options.source, ['put']);
  });

  test('a folder whose name looks like a glob is a source', () => {
    assert.deepEqual(parsePut('x{1}', 's3://b').options.source, ['x{1}']);
  });
});

describe('standard input, small files and unfinished uploads', () => {
  test('- is standard input, under the key that is given', () => {
    for (const flag of ['--as', '--stdin-key']) {
      const invocation = parseCommandLine(['-', 's3://b', flag, 'dump.sql']);
      assert.ok(invocation.command === 'put');
      const { source, as } = invocation.options;
      assert.deepEqual([source, as, invocation.stdinKey], [['-'], undefined, 'dump.sql']);
      assert.throws(() => parseCommandLine(['-', '-', 's3://b', flag, 'k']), /twice/);
    }
    assert.throws(() => parseCommandLine(['-', 's3://b']), /has no name/);
  });

  test('a key for standard input that S3 refuses is an error before anything is read', () => {
    for (const key of ['..', 'a/../b', 'a//b', 'a/', '/a', 'x'.repeat(1025)])
      assert.throws(() => parseCommandLine(['-', 's3://b', '--as', key]), /cannot be a key/, key);
  });

  test('a file takes a key by both spellings', () => {
    for (const flag of ['--as', '--stdin-key']) {
      const invocation = parseCommandLine(['a.txt', 's3://b', flag, 'index.html']);
      assert.ok(invocation.command === 'put');
      assert.deepEqual([invocation.options.as, invocation.stdinKey], ['index.html', undefined]);
    }
  });

  test('--ignore-small-files leaves out what is smaller than a part', () => {
    const minSize = (...argv: string[]) => {
      const invocation = parseCommandLine(['dist', 's3://b', '--ignore-small-files', ...argv]);
      return invocation.command === 'put' ? invocation.options.minSize : undefined;
    };
    assert.equal(minSize(), '8MiB');
    assert.equal(minSize('--part-size', '64MiB'), '64MiB');
    assert.throws(() => minSize('--min-size', '1'), /--min-size/);
  });

  test('--resume and --no-resume', () => {
    const resume = (...argv: string[]) => {
      const invocation = parseCommandLine(['dist', 's3://b', ...argv]);
      return invocation.command === 'put' ? invocation.options.resume : undefined;
    };
    assert.deepEqual([resume(), resume('--no-resume'), resume('--resume', 'unproven')], [undefined, 'off', 'unproven']);
  });

  test('uploads takes a bucket and connection options, and no options of a put', () => {
    const argv = ['uploads', 's3://b/docs', '--abort-older-than', '7d', '--any', '--yes', '-n'];
    const invocation = parseCommandLine(argv);
    assert.ok(invocation.command === 'uploads');
    assert.deepEqual(invocation.options, { bucket: 's3://b/docs', dryRun: true, abortOlderThan: '7d', any: true });
    assert.equal(invocation.yes, true);
    for (const [words, message] of [
      [['uploads'], /No bucket/],
      [['uploads', 'b'], /s3:\/\/b|not a bucket/],
      [['uploads', 's3://b', 's3://c'], /takes one bucket/],
      [['uploads', 's3://b', '--gzip'], /takes no --gzip/],
      [['uploads', 's3://b', '--yes'], /only matter for aborting/],
      [['dist', 's3://b', '--yes'], /belongs to the commands "uploads" and "delete"/],
      [['dist', 's3://b', '--any'], /belongs to the command "uploads"/],
    ] as const)
      assert.throws(() => parseCommandLine([...words]), message);
  });

  test('delete takes an address on the command line, and --yes where nobody can be asked', () => {
    const invocation = parseCommandLine(['delete', 's3://b/pr-42/', '--yes', '--max-delete', '5', '--protect', 'a/**']);
    assert.ok(invocation.command === 'delete');
    assert.deepEqual(invocation.options, { bucket: 's3://b/pr-42/', maxDelete: '5', protect: ['a/**'] });
    assert.equal(invocation.yes, true);
    const named = parseCommandLine(['delete', '--bucket', 'b', '--prefix', 'pr-42', '-n']);
    assert.ok(named.command === 'delete');
    assert.deepEqual(named.options, { bucket: 'b', prefix: 'pr-42', dryRun: true });
    for (const [words, message] of [
      [['delete', '--yes'], /does not say what is deleted/],
      [['delete', 'pr-42', '--yes'], /not a bucket/],
      [['delete', 's3://b/x', 's3://b/y', '--yes'], /takes one bucket/],
      [['delete', 's3://b/x', '--bucket', 'b', '--yes'], /given twice/],
      [['delete', 's3://b/x', '--exclude', 'a', '--yes'], /takes no --exclude/],
      [['delete', 's3://b/x', '--check'], /takes no --check/],
      [['delete', 's3://b/x', '--any'], /takes no --any/],
    ] as const)
      assert.throws(() => parseCommandLine([...words]), message);
  });

  test('what is deleted comes from no variable and no file, which are about uploads; what limits deletes does', () => {
    const layer = new Map([
      ['bucket', { value: 's3://b/site', from: 'S3PP_BUCKET' }],
      ['prefix', { value: 'site', from: 'S3PP_PREFIX' }],
      ['protect', { value: ['keep/**'], from: 'S3PP_PROTECT' }],
    ]);
    const config = { layers: [layer], warnings: [] };
    assert.throws(() => parse(readArgv(['delete', '--yes']), config), /does not say what is deleted/);
    const invocation = parse(readArgv(['delete', '--bucket', 'c', '--yes']), config);
    assert.ok(invocation.command === 'delete');
    assert.deepEqual(invocation.options, { bucket: 'c', protect: ['keep/**'] });
  });
});
