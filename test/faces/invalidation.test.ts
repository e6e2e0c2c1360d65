import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverFor } from '../support/engine.js';
import { cloudFrontFor } from '../support/fake-cloudfront.js';
import { makeTree } from '../support/tree.js';
import { action, inputsFor } from './action-process.js';
import { assertNoStack, cliTo } from './cli-process.js';

const SITE = { 'dist/index.html': '<p>home', 'dist/docs/index.html': '<p>docs', 'dist/a*.css': 'p{}' };
const DISTRIBUTIONS = {
  E1: { origins: [{ id: 's3', domain: 'site.s3.us-east-1.amazonaws.com', path: '/live' }], rootObject: 'index.html' },
};
const PATHS = ['/', '/a%2A.css', '/docs', '/docs/', '/docs/index.html', '/index.html'];

/** A bucket with an earlier build below `live/`, and the distribution of it. */
async function earlierSite(t: Parameters<typeof serverFor>[0]) {
  const server = await serverFor(t);
  const cloudfront = await cloudFrontFor(t, { distributions: DISTRIBUTIONS, polls: 2 });
  const seed = (): void => {
    for (const path of ['index.html', 'docs/index.html', 'a*.css']) server.seed('site', `live/${path}`, 'old');
  };
  seed();
  const env = { AWS_ENDPOINT_URL_CLOUDFRONT: cloudfront.url };
  return { server, cloudfront, env, seed, cwd: makeTree(t, SITE) };
}

test('the command line invalidates what it uploads, and shows it in a line and in a dry run', async (t) => {
  const { server, cloudfront, env, cwd } = await earlierSite(t);
  const run = (...more: string[]) =>
    cliTo(server, ['dist', 's3://site/live', '--cloudfront-distribution-id', 'E1', ...more], { cwd, env });

  const dry = await run('--dry-run');
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stderr, /^Would invalidate 6 paths in E1: \/, \/a%2A\.css, \/docs, .*\.$/m);
  assert.equal(cloudfront.invalidations.length, 0);

  const first = await run('--wait-for-invalidation');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Invalidated 6 paths in E1 \(I1\)\.$/m);
  assert.deepEqual(cloudfront.paths('E1'), PATHS);

  const second = await run();
  assert.equal(second.code, 0);
  assert.doesNotMatch(second.stderr, /nvalidate/);
  assert.equal(cloudfront.invalidations.length, 1);
});

test('the command line exits with 2 for a distribution that is not there or is no id, and with 1 where it may not invalidate', async (t) => {
  const { server, cloudfront, env, cwd, seed } = await earlierSite(t);
  const run = (id: string, ...more: string[]) =>
    cliTo(server, ['dist', 's3://site/live', '--cloudfront-distribution-id', id, ...more], { cwd, env });

  const absent = await run('E404');
  assert.equal(absent.code, 2, absent.stderr);
  assert.match(absent.stderr, /--cloudfront-distribution-id is "E404", which is no distribution of this account\./);
  assertNoStack(absent);
  assert.equal(server.count('PutObject'), 0);

  const domain = await run('d111111abcdef8.cloudfront.net');
  assert.equal(domain.code, 2);
  assert.match(domain.stderr, /which is no id of a distribution\.\n {2}Its domain name is not its id/);

  cloudfront.deny('CreateInvalidation');
  const denied = await run('E1');
  assert.equal(denied.code, 1, denied.stderr);
  assert.match(
    denied.stderr,
    /The upload is complete, but the invalidation in E1 failed: CreateInvalidation E1: AccessDenied \(403/,
  );
  assert.match(
    denied.stderr,
    /Allow cloudfront:CreateInvalidation\. .*aws cloudfront create-invalidation --distribution-id E1 --paths "\/" /,
  );
  assert.match(denied.stderr, /^Not invalidated: 6 paths in E1: /m);
  assertNoStack(denied);

  seed();
  const warned = await run('E1', '--invalidation-failure', 'warn');
  assert.equal(warned.code, 0, warned.stderr);
  assert.match(warned.stderr, /^Warning: The upload is complete, but the invalidation in E1 failed/m);
});

test('JSON has the invalidations', async (t) => {
  const { server, env, cwd } = await earlierSite(t);
  const argv = ['dist', 's3://site/live', '--cloudfront-distribution-id', 'E1', '--invalidation-paths', '/*', '--json'];
  const ran = await cliTo(server, argv, { cwd, env });
  assert.equal(ran.code, 0, ran.stderr);
  const report = JSON.parse(ran.lines.at(-1) ?? '') as { readonly invalidations: unknown };
  assert.deepEqual(report.invalidations, [{ distributionId: 'E1', paths: ['/*'], id: 'I1', status: 'created' }]);
});

test('a step of the Action has the ids as an output, and a line in its summary', async (t) => {
  const { server, cloudfront, env, cwd, seed } = await earlierSite(t);
  const run = (more: Readonly<Record<string, string>> = {}) =>
    action(
      t,
      { ...inputsFor(server), source: 'dist', bucket: 's3://site/live', 'cloudfront-distribution-id': 'E1', ...more },
      { workspace: cwd, env },
    );
  const first = await run();
  assert.equal(first.code, 0, first.log);
  assert.equal(first.outputs['invalidation-ids'], 'I1');
  assert.match(
    first.summary,
    /<p>Invalidated 6 paths in <code>E1<\/code> \(<code>I1<\/code>, in progress\): <code>\/<\/code>, /,
  );
  assert.deepEqual(cloudfront.paths('E1'), PATHS);

  const second = await run();
  assert.equal(second.code, 0, second.log);
  assert.equal(second.outputs['invalidation-ids'], '');
  assert.doesNotMatch(second.summary, /nvalidated/);

  seed();
  cloudfront.deny('CreateInvalidation');
  const denied = await run({ 'invalidation-paths': '/*' });
  assert.equal(denied.code, 1);
  const [error] = denied.commands.filter(({ name }) => name === 'error');
  assert.equal(error?.properties.title, 'The invalidation failed');
  assert.match(error?.text ?? '', /aws cloudfront create-invalidation --distribution-id E1 --paths "\/\*"/);
  assert.match(denied.summary, /<b>Not invalidated<\/b>: 1 path in <code>E1<\/code>: <code>\/\*<\/code>/);
});
