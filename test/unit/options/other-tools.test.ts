import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OPTION_INPUTS, readInputs } from '../../../src/action/inputs.js';
import { COMMAND_NAMES } from '../../../src/cli/command-table.js';
import { withFlags } from '../../../src/cli/errors.js';
import { FLAGS } from '../../../src/cli/flags.js';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { UsageError } from '../../../src/errors.js';
import { OTHER_NAMES } from '../../../src/options/other-names.js';
import {
  answerToCommand,
  answerToName,
  answerToValue,
  OTHER_COMMANDS,
  OTHER_VALUES,
  optionsNamed,
} from '../../../src/options/other-tools.js';
import type { OptionRow } from '../../../src/options/row.js';
import { nearSpellings, refuseUnknown } from '../../../src/options/suggest.js';
import { apiRows, CLI_FLAGS, OPTION_TABLE } from '../../../src/options/table.js';
import { textIn } from '../../../src/report/message.js';
import { runs } from '../../support/runs.js';

const names = OTHER_NAMES.flatMap((row) => row.names.split(' ').map((name) => ({ name, row })));
const ofOption = (name: string): OptionRow | undefined => OPTION_TABLE.find((row) => row.name === name);

/** What the command line says of an error, with its flags. */
function refusal(...argv: string[]): string {
  try {
    parseCommandLine(argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return `${withFlags(textIn(error, 'message'))} ${withFlags(textIn(error, 'hint') ?? '')}`.trim();
  }
  assert.fail(`${argv.join(' ')} was taken`);
}

describe('the words of other tools', () => {
  for (const { name, row } of names) {
    test(`${name} is no option here, and the options in its answer exist`, () => {
      const bare = name.replace(/^-/, '').replace(/[=*].*$/, '');
      if (name.startsWith('-')) assert.ok(!CLI_FLAGS.some(({ short }) => short === bare), name);
      else assert.ok(!FLAGS.has(bare) && !OPTION_INPUTS.some(({ input }) => input === bare), name);
      for (const text of [row.answer, row.elsewhere ?? ''])
        for (const option of optionsNamed(text))
          assert.ok(option === 'giveCredentials' || ofOption(option) !== undefined, option);
      // The command line has an answer to each.
      const typed = name.replace(/\*$/, 'x').split('=');
      assert.ok([row.answer, row.elsewhere].includes(answerToName(typed[0] ?? '', CLI_FLAGS, typed[1])?.text));
    });
  }

  test('each stands in one row', () => {
    const plain = names.map(({ name }) => (name.length === 2 ? name : name.replaceAll('-', '').toLowerCase()));
    assert.deepEqual(
      plain.filter((name, index) => plain.indexOf(name) < index),
      [],
    );
    const commands = OTHER_COMMANDS.flatMap((row) => row.names.split(' '));
    assert.deepEqual(
      commands.filter((name, index) => commands.indexOf(name) < index || COMMAND_NAMES.some((own) => own === name)),
      [],
    );
  });

  test('values are of options that exist, and are none of their choices', () => {
    for (const { option, values, answer } of OTHER_VALUES) {
      const row = ofOption(option);
      assert.ok(row !== undefined, option);
      for (const value of values.split(' '))
        assert.ok(!row.choices?.some((choice) => choice.toLowerCase() === value), `${option} ${value}`);
      for (const named of optionsNamed(answer)) assert.ok(ofOption(named) !== undefined, named);
    }
  });

  test('in a text with a value, the value is one that the option takes', () => {
    for (const text of [...OTHER_NAMES, ...OTHER_VALUES].map(({ answer }) => answer)) {
      if (typeof text === 'string') continue;
      text.render((option, value) => {
        const row = ofOption(option);
        if (value !== undefined && row?.type === 'choice')
          assert.ok(row.choices?.includes(value.replaceAll("'", '')), `${option}: ${value}`);
        return option;
      });
    }
  });
});

describe('flags of other tools are answered with what they are here', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['--only-show-errors', /^Unknown option --only-show-errors\. Use --quiet: .*-qq/],
    ['--force', /^Unknown option --force\. Leave it out/],
    ['--no-overwrite', /Use --mode add/],
    ['--no-clobber', /Use --mode add/],
    ['--ignore-existing', /Use --mode add/],
    ['--skip-existing', /Use --mode add/],
    ['--delete-removed', /Use --delete: keys that the source does not have/],
    ['--delete-excluded', /never deleted; the command delete/],
    ['--max-delete-size 10', /Use --max-delete, which counts/],
    ['--no-delete-removed', /nothing is deleted without --delete/],
    ['--dryrun', /Did you mean --dry-run\?/],
    ['--checksum-algorithm CRC32', /Use --checksum/],
    ['--no-guess-mime-type', /--content-type application\/octet-stream/],
    ['--page-size 100', /Leave it out/],
    ['--no-verify-ssl', /always verified.*NODE_EXTRA_CA_CERTS/],
    ['--case-conflict skip', /Leave it out/],
    ['--copy-props none', /a copy keeps headers/],
    ['--metadata-directive REPLACE', /Use --update-headers: .* A copy keeps all; --metadata and --header replace/],
    ['--update-metadata', /Use --update-headers/],
    ['--header-only', /Use --update-headers/],
    ['--no-preserve', /Leave it out: times, owners/],
    ['--html-cache-control no-cache', /Use --preset site: .*--rules/],
    ['--strip-html-extension', /Use --clean-urls html: about\.html/],
    ['--strip-index-html', /Use --clean-urls index/],
    ['--exact-timestamps', /Leave it out.*not by time/],
    ['--sse-c AES256', /SSE-C.*--sse aws:kms with --sse-kms-key-id/],
    ['--grants read=uri', /x-amz-grant-read/],
    ['--ignore-glacier-warnings', /Leave it out/],
    ['--recursive', /Leave it out/],
    ['-r', /^Unknown option -r\. Leave it out/],
    ['--follow-symlinks', /links inside the source are followed.*--symlinks follow/],
    ['--no-follow-symlinks', /Use --symlinks skip/],
    ['--cli-read-timeout 5', /retried.*--max-attempts/],
    ['--cli-binary-format raw', /setting of the AWS CLI/],
    ['--numworkers 256', /Use --concurrency/],
    ['--no-sign-request', /every request is signed/],
    ['--if-size-differ', /Leave it out/],
    ['-u', /Leave it out.*not by time/],
    ['--log debug', /Use --log-level/],
    ['--transfers 16', /Use --concurrency/],
    ['--checkers 16', /Use --concurrency/],
    ['--fast-list', /listed once/],
    ['--s3-chunk-size 16M', /Use --part-size with a unit, as in --part-size 16MiB/],
    ['--s3-acl private', /Use --acl/],
    ['--s3-provider AWS', /Remotes of rclone are not read.*--endpoint-url/],
    ['-P', /bucket policy/],
    ['--header-upload x:y', /Use --header/],
    ['--bwlimit 10M', /not in this version/],
    ['--tpslimit 10', /Use --max-request-rate/],
    ['--filter x', /Repeat --include and --exclude/],
    ['--exclude-from x', /Repeat --include and --exclude/],
    ['--acl-public', /bucket policy/],
    ['--add-header a:b', /Use --header/],
    ['--mime-type text/plain', /Use --content-type/],
    ['--guess-mime-type', /guessed/],
    ['--multipart-chunk-size-mb 15', /Use --part-size/],
    ['--cf-invalidate', /Use --cloudfront-distribution-id of a put/],
    ['--host-bucket x', /--no-force-path-style/],
    ['--access_key x', /AWS_ACCESS_KEY_ID/],
    ['--no-ssl', /http:\/\/.*--insecure/],
    ['--sse', /^--sse needs a value: --sse METHOD\. What aws s3 means by it alone is --sse AES256/],
    ['--sse true', /--sse AES256/],
    ['--storage-class REDUCED', /Did you mean REDUCED_REDUNDANCY\?/],
    ['--storage-class IA', /--storage-class STANDARD_IA/],
    ['--acl authenticated', /Did you mean authenticated-read\?/],
    ['--mode sync', /--mode update, the default/],
    ['--compare mtime', /--compare content is the default/],
    ['--checksum dist s3://b', /without a value, as rclone has it, is not needed/],
    ['--sse --json', /needs a value.*alone is --sse AES256/],
    ['--configure', /AWS_ACCESS_KEY_ID/],
    ['--destination-profile x', /--dest-profile with the command copy/],
    ['--keep-going', /^Unknown option --keep-going\. Leave it out/],
    ['--resume false', /That is --no-resume/],
    ['--checksum', /Leave it out: contents are compared/],
  ];
  for (const [argv, expected] of rows) {
    // The flags of the last rows take what follows.
    const last = ['--sse', '--checksum'].includes(argv);
    test(argv, () => assert.match(refusal(...(last ? [] : ['dist', 's3://b']), ...argv.split(' ')), expected));
  }
});

describe('commands of other tools are answered with the command line to write', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['sync dist s3://b/p', /^There is no command "sync"\. Write: s3-parallel-put dist s3:\/\/b\/p$/],
    ['s3 sync dist s3://b', /no command "sync"\. Write: s3-parallel-put dist s3:\/\/b$/],
    ['cp s3://a s3://b', /Write: s3-parallel-put copy s3:\/\/a s3:\/\/b$/],
    ['cp s3://a', /Write: s3-parallel-put copy s3:\/\/a s3:\/\/DEST$/],
    ['sync s3://a out', /Downloads are not supported/],
    ['sync', /Write s3-parallel-put SOURCE s3:\/\/bucket\/prefix/],
    [
      'mv -n --exclude *.map dist s3://b',
      /the source stays\. Write: s3-parallel-put -n --exclude '\*\.map' dist s3:\/\/b$/,
    ],
    ['sync --size-only --no-hidden dist s3://b', /Write: s3-parallel-put --size-only --no-hidden dist s3:\/\/b$/],
    ['rm s3://b/a', /no command "rm"\. Write s3-parallel-put delete s3:\/\/bucket\/prefix\//],
    ['rm s3://b --recursive', /Write s3-parallel-put delete /],
    ['rb s3://b --force', /no command "rb"\. Buckets are not made/],
    ['presign s3://b/a --expires-in 9', /no command "presign"/],
    ['cp s3://b . --recursive', /Downloads are not supported/],
    ['cp --recursive dist s3://b', /^Unknown option --recursive/],
    ['-b bucket dist', /^Unknown option -b/],
    ['ws-create s3://b', /no command "ws-create"\. Buckets/],
    ['help sync', /no help about "sync"\. Write s3-parallel-put SOURCE/],
    ['help rm', /no help about "rm"\. Write s3-parallel-put delete /],
    ['ls s3://b', /aws s3 ls/],
    ['mb s3://b', /aws s3 mb/],
    ['rb s3://b', /Buckets are not made/],
    ['presign s3://b/a', /aws s3 presign/],
    ['cat s3://b/a', /aws s3 cp/],
    ['du s3://b', /lists no objects/],
    ['run commands.txt', /one command for each line/],
    ['pipe s3://b/a', /--as KEY/],
    ['check dist s3://b', /--check SOURCE/],
    ['modify s3://b/a', /--update-headers SOURCE/],
    ['cpoy s3://a s3://b', /"cpoy" is neither a command nor a file here\. Did you mean copy\?/],
    ['hlep', /Did you mean help\?/],
    ['verison', /Did you mean version\?/],
  ];
  for (const [argv, expected] of rows) test(argv, () => assert.match(refusal(...argv.split(' ')), expected));

  test('a path of that name is a source', () => {
    // The folder of this repository.
    assert.ok(answerToCommand('src') === undefined && answerToCommand('SYNC') === 'transfer');
    assert.equal(parseCommandLine(['scripts', 's3://b']).command, 'put');
    assert.equal(parseCommandLine(['--', 'sync', 's3://b']).command, 'put');
    assert.equal(parseCommandLine(['--command', 'put', 'sync', 's3://b']).command, 'put');
  });
});

describe('option names of other tools in the API and in the Action', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['ACL', /Did you mean acl\?/],
    ['CacheControl', /Did you mean cacheControl\?/],
    ['Bucket', /Did you mean bucket\?/],
    ['Key', /Did you mean key\?/],
    ['SSEKMSKeyId', /Did you mean sseKmsKeyId\?/],
    ['ServerSideEncryption', /Use sse AES256/],
    ['WebsiteRedirectLocation', /Use websiteRedirect/],
    ['dryrun', /Did you mean dryRun\?/],
    ['folder', /Use source/],
    ['createOnly', /Use mode: 'add'/],
    ['simulate', /Use dryRun/],
    ['accessKeyId', /AWS_ACCESS_KEY_ID/],
    ['s3ForcePathStyle', /Use forcePathStyle/],
    ['maxRetries', /Use maxAttempts/],
    ['onlyShowErrors', /Leave it out/],
    ['xyzzy', /docs\/options\.md/],
  ];
  for (const [name, expected] of rows)
    test(`API: ${name}`, () =>
      assert.throws(
        () => refuseUnknown({ [name]: 1 }, apiRows('put')),
        (error) => error instanceof UsageError && expected.test(error.hint ?? ''),
      ));

  const inputs: readonly (readonly [string, RegExp])[] = [
    ['folder', /^Use source\.$/],
    ['source_dir', /^Use source\.$/],
    ['dest_dir', /^Use prefix\.$/],
    ['aws_key_id', /aws-access-key-id/],
    ['delete-removed', /^Use delete: keys that the source does not have/],
    ['dist-id', /Use cloudfront-distribution-id of a put/],
    ['bucket-region', /^Use region\.$/],
    ['no-cache', /^Use cache-control: no-cache\.$/],
    ['private', /Leave it out/],
    ['files-to-include', /^Use include\.$/],
    ['cache_control', /Did you mean cache-control\?/],
    ['log-filename', /^Leave it out\.$/],
  ];
  for (const [name, expected] of inputs)
    test(`Action: ${name}`, () =>
      assert.throws(
        () => readInputs({ [`INPUT_${name.toUpperCase()}`]: 'x' }),
        (error) => {
          assert.ok(error instanceof UsageError);
          return expected.test(String(textIn(error, 'hint') ?? '')) || expected.test(inputText(error));
        },
      ));

  function inputText(error: UsageError): string {
    const hint = textIn(error, 'hint') ?? '';
    if (typeof hint === 'string') return hint;
    return hint.render((option, value) => {
      const name =
        option === 'giveCredentials'
          ? 'aws-access-key-id'
          : option.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`);
      return value === undefined ? name : `${name}: ${value.replaceAll("'", '')}`;
    });
  }
});

describe('suggestions', () => {
  const spelt = new Map([...FLAGS].map(([name, { row }]) => [name, row]));
  const guarded = [...spelt].filter(([, row]) => row.guarded === true).map(([name]) => name);
  const letters = (name: string): string => [...name.replaceAll(/[-_]/g, '').toLowerCase()].sort().join('');

  test('guarded are the options that change what is compared, open access, delete or force', () => {
    const rows = OPTION_TABLE.filter((row) => row.guarded === true).map(({ name }) => name);
    assert.deepEqual(rows.sort(), [
      ...['abortOlderThan', 'acl', 'allowSecrets', 'any', 'compare', 'copyAcl', 'delete', 'deleteAfter', 'maxDelete'],
      ...['maxUpdate', 'secure', 'yes'],
    ]);
    for (const name of ['size-only', 'insecure', 'copy-acl', 'grant', 'yes']) assert.ok(guarded.includes(name), name);
  });

  test('none names a guarded option, except for its own letters or most of its beginning', () => {
    const near = fc.oneof(
      fc.constantFrom(...names.map(({ name }) => name), ...FLAGS.keys()),
      // A flag with some letters left out, doubled or replaced.
      fc
        .tuple(fc.constantFrom(...FLAGS.keys()), fc.nat(20), fc.constantFrom('', 'x', '-', 'e', '-only', 'force-'))
        .map(([name, at, put]) => name.slice(0, at % name.length) + put + name.slice((at % name.length) + 1)),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(near, (typed) => {
        for (const name of nearSpellings(typed, spelt)) {
          // Spaces around a name say nothing.
          const wanted = typed.trim();
          const most = name.startsWith(wanted.toLowerCase().replaceAll('_', '-')) && wanted.length * 2 > name.length;
          if (guarded.includes(name) && !most) assert.equal(letters(name), letters(wanted));
        }
      }),
      runs(3000),
    );
  });

  test('one shared word does not make a name similar', () => {
    for (const [typed, name] of [
      ['only-show-errors', 'size-only'],
      ['force', 'insecure'],
      ['host-bucket', 'bucket'],
      ['list-prefix', 'prefix'],
    ] as const)
      assert.ok(!nearSpellings(typed, spelt).includes(name), typed);
  });

  test('letters in another order are similar', () => {
    for (const [typed, name] of [
      ['hlep', 'help'],
      ['sizeonly', 'size-only'],
      ['verisno', 'version'],
      ['alc', 'acl'],
    ] as const)
      assert.ok(nearSpellings(typed, spelt).includes(name), typed);
  });

  test('a value has an answer, or is similar to a choice', () => {
    assert.equal(answerToValue('mode', 'COPY')?.removed, 'is no longer a mode');
    assert.equal(answerToValue('resume', 'put.log')?.values, '*');
    assert.match(String(answerToValue('preset', 'vite')?.answer), /preset: 'site'/);
    assert.match(String(answerToValue('cleanUrls', 'true')?.answer), /cleanUrls: 'html'/);
    assert.equal(answerToValue('region', 'x'), undefined);
    assert.equal(answerToValue('resume', ''), undefined);
  });
});
