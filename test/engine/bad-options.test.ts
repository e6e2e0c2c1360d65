import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PutOptions, put, UsageError } from '../../src/index.js';

const GOOD: PutOptions = { source: 'dist', bucket: 'site' };
const KMS_KEY = 'x-amz-server-side-encryption-aws-kms-key-id';
const LONG = 'x'.repeat(2_049);

/** Options that cannot work, and what the error must name. */
const BAD: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
  [{ bucket: undefined }, /No bucket.*s3:\/\/bucket\/prefix/],
  [{ bucket: '' }, /No bucket/],
  [{ bucket: 42 }, /No bucket/],
  [{ bucket: 's3://' }, /names no bucket/],
  [{ bucket: 'a b' }, /"a b" is not a bucket name/],
  [{ bucket: 'https://site.s3.amazonaws.com' }, /endpointUrl/],
  [{ bucket: 's3://site/docs', prefix: 'docs' }, /names a prefix.*Give only one/],
  [{ credentials: {} }, /credentials are.*accessKeyId/],
  [{ credentials: null }, /credentials are/],
  [{ credentials: 'AKIA' }, /credentials are/],
  [{ credentials: { accessKeyId: 'a', secretAccessKey: '' } }, /credentials are/],
  [{ credentials: { accessKeyId: 'a', secretAccessKey: 'b', expiration: '2026-01-01' } }, /expiration/],
  [{ credentials: { accessKeyId: 'a\r\nb', secretAccessKey: 'c' } }, /credentials are/],
  [{ credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'tok\u010d\u010ax: 1' } }, /credentials are/],
  [{ region: '' }, /region "" is not a region/],
  [{ region: 'us east' }, /region "us east" is not/],
  [{ region: 'a\r\nb' }, /region "a.*is not a region/],
  [{ proxy: 'https://proxy' }, /proxy "https:\/\/proxy" is not the URL of an HTTP proxy/],
  [{ proxy: 'http://u:%zz@host' }, /proxy "http:\/\/\*\*\*@host" is not/],
  [{ headers: 5 }, /headers is not an object/],
  [{ metadata: 'a=b' }, /metadata is .*a=b.*must be an object/],
  [{ metadata: ['a=b'] }, /metadata is .*must be an object/],
  [{ checksum: 'sha1' }, /checksum "sha1".*auto, crc32, md5, off/],
  [{ httpClient: 'axios' }, /httpClient "axios".*sockets, undici/],
  [{ maxAttempts: 0 }, /maxAttempts is 0/],
  [{ retryDelay: 'linear' }, /retryDelay is "linear".*linear:5s/],
  [{ memory: 'lots' }, /memory.*lots/],
  [{ prefix: 7 }, /prefix is number/],
  [{ prefix: 'a/../b' }, /"\.\."/],
  [{ prefix: 's3://site/docs' }, /bucket/],
  [{ source: undefined }, /No source.*directory/],
  [{ source: '' }, /No source/],
  [{ source: null }, /No source/],
  [{ source: ['dist', ''] }, /empty string/],
  [{ source: ['dist', 3] }, /A source is number/],
  [{ source: 3 }, /A source is number/],
  [{ bukket: 'site' }, /Unknown option "bukket"\. Did you mean bucket\?$/],
  [{ cachecontrol: 'x' }, /Unknown option "cachecontrol"\. Did you mean cacheControl\?$/],
  [{ grant: 'private' }, /Unknown option "grant"\. Did you mean acl\?$/],
  [{ absoluteKey: true }, /absoluteKey is true, but there is no key function.*Give key/],
  [{ absoluteKey: 'yes', key: () => 'a' }, /absoluteKey is "yes"; it must be true or false/],
  [{ absolutekey: true }, /Unknown option "absolutekey"\. Did you mean absoluteKey\?$/],
  [{ xyzzy: 1 }, /Unknown option "xyzzy"\. docs\/options\.md lists all options\.$/],
  [{ signal: {} }, /signal is object; it must be an AbortSignal/],
  [{ signal: null }, /signal is null; it must be an AbortSignal/],
  [{ limit: Number.NaN }, /limit is NaN; /],
  [{ gzipLevel: Number.NaN }, /gzipLevel is NaN; /],
  [{ mode: 'sync' }, /mode "sync".*add, update, stupid/],
  [{ compare: 'mtime' }, /compare "mtime".*content, size/],
  [{ keyBase: 'root' }, /keyBase "root".*source, cwd/],
  [{ symlinks: true }, /symlinks "true".*inside, follow, skip/],
  [{ ifNoFilesFound: 'fail' }, /ifNoFilesFound "fail".*error, warn, ignore/],
  [{ limit: 0 }, /limit is 0.*from 1.*no limit/],
  [{ limit: -1 }, /limit is -1/],
  [{ limit: 1.5 }, /limit is 1\.5/],
  [{ limit: '3' }, /limit is "3"/],
  [{ limit: Number.NaN }, /limit is/],
  [{ concurrency: 0 }, /concurrency is 0.*"auto"/],
  [{ concurrency: 'many' }, /concurrency is "many"/],
  [{ maxRequestRate: 0 }, /maxRequestRate is 0; .*above 0.*0\.5.*leave it out/],
  [{ maxRequestRate: -3 }, /maxRequestRate is -3; /],
  [{ maxRequestRate: Number.NaN }, /maxRequestRate is NaN; /],
  [{ maxRequestRate: Number.POSITIVE_INFINITY }, /maxRequestRate is Infinity; /],
  [{ maxRequestRate: '100' }, /maxRequestRate is "100"; /],
  [{ maxRequestRate: null }, /maxRequestRate is null; /],
  [{ minSize: 'big' }, /minSize.*big/],
  [{ maxSize: -1 }, /maxSize.*-1/],
  [{ minSize: '2 MiB', maxSize: '1MiB' }, /minSize \(2097152\) is larger than maxSize \(1048576\)/],
  [{ hidden: 'no' }, /hidden is "no"; it must be true or false/],
  [{ dryRun: 1 }, /dryRun is 1/],
  [{ failFast: 'yes' }, /failFast is "yes"/],
  [{ secure: 0 }, /secure is 0/],
  [{ forcePathStyle: 'true' }, /forcePathStyle is "true"/],
  [{ contentType: 3 }, /contentType is number/],
  [{ contentType: 'html' }, /"html".*text\/html/],
  [{ cacheControl: 60 }, /cacheControl is number/],
  [{ region: 1 }, /region is number/],
  [{ profile: {} }, /profile is object/],
  [{ include: 5 }, /include must be a glob/],
  [{ exclude: ['*.map', 5] }, /exclude must be a glob/],
  [{ onEvent: 'log' }, /onEvent is string; it must be a function/],
  [{ key: 'k' }, /key is string/],
  [{ filter: /x/ }, /filter is object/],
  [{ endpointUrl: 'http://' }, /endpointUrl "http:\/\/" is not a URL/],
  [{ endpointUrl: 'ftp://host' }, /scheme "ftp:"/],
  [{ endpointUrl: 'http://user:secret@host' }, /no user, query or fragment/],
  [{ endpointUrl: 'http://host/?a=b' }, /no user, query or fragment/],
  [{ endpointUrl: 'https://host', secure: false }, /secure is off.*says https/],
  [{ acl: 'public' }, /"public".*public-read/],
  [{ acl: 'public-read', headers: { 'x-amz-grant-read': 'id=1' } }, /exclude each other/],
  [{ headers: { 'bad name': 'x' } }, /bad name/],
  [{ headers: { 'cache-control': 'a\r\nx-evil: 1' } }, /cache-control.*line break/],
  [{ headers: { 'x-amz-meta-a': 'é' } }, /x-amz-meta-a.*ASCII/],
  [{ headers: { 'content-type': '' } }, /content-type.*empty/],
  [{ headers: { authorization: 'x' } }, /authorization/],
  [{ headers: { 'content-length': '3' } }, /content-length/],
  [{ metadata: { a: LONG } }, /2,048/],
  [{ metadata: { 'x-amz-meta-a': 'x' } }, /x-amz-meta-/],
  [{ storageClass: 'COLD' }, /storageClass "COLD".*STANDARD, STANDARD_IA/],
  [{ sse: 'KMS' }, /sse "KMS".*AES256, aws:kms, aws:kms:dsse/],
  [{ sseKmsKeyId: 'alias/site' }, /sseKmsKeyId.*Set sse to "aws:kms"/],
  [{ sse: 'AES256', sseKmsKeyId: 'alias/site' }, /sseKmsKeyId.*"AES256".*Set sse to "aws:kms"/],
  [{ rules: [{ match: '*', headers: { [KMS_KEY]: 'k' } }] }, /^Rule 1, headers: "x-amz-.*-kms-key-id".*Set sse/],
  [
    { rules: [{ match: '*', headers: { 'x-amz-server-side-encryption': 'AES256', [KMS_KEY]: 'k' } }] },
    /^Rule 1, headers: "x-amz-.*-kms-key-id".*"AES256"/,
  ],
  [{ headers: { [KMS_KEY]: 'k' } }, /^"x-amz-.*-kms-key-id" names a KMS key/],
  [{ sse: 'aws:kms', sseKmsKeyId: 7 }, /sseKmsKeyId is number/],
  [{ sse: 'aws:kms', sseKmsKeyId: '' }, /kms-key-id.*empty/],
  [{ tagging: { 'a?': 'b' } }, /tag "a\?" holds "\?"/],
  [{ tagging: 'a=b' }, /tagging is "a=b".*object/],
  [{ expires: 'tomorrow' }, /"expires": "tomorrow".*2100-01-01T00:00:00Z/],
  [{ expires: '1700000000' }, /"1700000000".*2023/],
  [{ expires: 0 }, /"expires" is number/],
  [{ expires: new Date(Number.NaN) }, /"expires" is an invalid Date/],
  [{ cacheControl: '3600' }, /"3600".*max-age=3600/],
  [{ cacheControl: 'max-age:3600' }, /"max-age:3600".*"max-age=3600"/],
  [{ contentEncoding: 'aws-chunked' }, /"aws-chunked".*Leave the header out/],
  [{ contentEncoding: 5 }, /contentEncoding is number/],
  [{ contentDisposition: 'filename=a' }, /attachment; filename="a"/],
  [{ contentLanguage: 'en_US' }, /"en_US".*"en-US"/],
  [{ websiteRedirect: 'new.html' }, /"new.html" is relative.*"\/new.html"/],
  [{ headers: { 'If-Range': 'x' } }, /"if-range" cannot be given/],
  [{ headers: { Digest: 'x' } }, /"digest" cannot be given.*computed/],
  [{ rules: [{ match: '*', expires: 'soon' }] }, /^Rule 1, expires: .*"soon"/],
  [{ rules: [{ match: '*', websiteRedirect: 'x' }] }, /^Rule 1, websiteRedirect: .*"\/x"/],
  [{ rules: [{ match: '*', contentEncoding: 'aws-chunked' }] }, /^Rule 1, contentEncoding: .*aws-chunked/],
  [{ rules: [{ match: '*', acl: 'public' }] }, /^Rule 1, acl: .*Did you mean public-read\?/],
  [{ rules: [{ match: '*', contentencoding: 'br' }] }, /Is "contentEncoding" meant\?/],
  [{ acl: 'publicread' }, /Did you mean public-read\?/],
  [{ storageClass: 'standard_ia' }, /Did you mean STANDARD_IA\?/],
  [{ sse: 'kms' }, /Did you mean aws:kms\?/],
  [{ checksum: 'CRC32' }, /Did you mean crc32\?/],
  [{ mode: 'updat' }, /Did you mean update\?/],
  [{ compare: 'sizes' }, /Did you mean size\?/],
  [{ symlinks: 'folow' }, /Did you mean follow\?/],
  [{ keyBase: 'sources' }, /Did you mean source\?/],
  [{ resume: 'unprovn' }, /Did you mean unproven\?/],
  [{ httpClient: 'socket' }, /Did you mean sockets\?/],
  [{ ifNoFilesFound: 'warning' }, /Did you mean warn\?/],
  [{ tagging: { a: '1,b=2' } }, /holds ",".*Give the tag "b" by itself/],
  [{ requestPayer: 'requester' }, /requestPayer is "requester"; it must be true or false/],
  [{ expectedBucketOwner: 111122223333 }, /expectedBucketOwner is 111122223333.*12 digits/],
  [{ expectedBucketOwner: 'me' }, /expectedBucketOwner is "me".*12 digits/],
];

for (const [wrong, expected] of BAD) {
  const shown = JSON.stringify(wrong, (_, value) =>
    typeof value === 'number' || value === undefined ? `${value}` : value,
  );
  test(`put throws a UsageError at once for ${shown.length > 90 ? Object.keys(wrong) : shown}`, () => {
    const options = { ...GOOD, ...wrong } as unknown as PutOptions;
    assert.throws(
      () => put(options),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(`${error.message} ${error.hint ?? ''}`, expected);
        assert.doesNotMatch(error.message, /secret|undefined|\[object/);
        return true;
      },
    );
  });
}

test('put throws a UsageError for options that are no object', () => {
  for (const nothing of [undefined, null, 'dist'])
    assert.throws(() => put(nothing as unknown as PutOptions), UsageError, String(nothing));
});

test('a keyBase of cwd refuses a source outside of the working directory', () => {
  assert.throws(() => put({ ...GOOD, source: '..', keyBase: 'cwd' }), /outside of the working directory/);
});

test('a KMS key in a rule is not judged where items or a hook may ask for its encryption', async () => {
  const rules = [{ match: '*', headers: { [KMS_KEY]: 'k' } }];
  for (const options of [{ headers: () => undefined }, { source: [] }, { sse: 'aws:kms' as const }]) {
    const job = put({ ...GOOD, rules, ...options });
    job.abort();
    await assert.rejects(job, /aborted/);
  }
});
