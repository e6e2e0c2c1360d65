import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { S3Server } from 'fake-s3';
import { Parser } from 'htmlparser2';
import { readDocsIndex } from '../../scripts/docs-index.js';
import { isNamedByContent } from '../../src/site/content-hash.js';
import { serverFor } from '../support/engine.js';
import { makeTree } from '../support/tree.js';
import { cliTo } from './cli-process.js';

// The documentation site is a real built site: this tool deploys it here.

const ROOT = path.resolve(import.meta.dirname, '../..');
const REPOSITORY = 'https://github.com/org/s3-parallel-put';
const DEPLOY = ['site', 's3://docs/', '--preset', 'site', '--order', 'site', '--delete'];
const YEAR = 'public, max-age=31536000, immutable';

/** What the built pages hold. */
interface Page {
  readonly ids: ReadonlySet<string>;
  /** Where its links lead. */
  readonly links: readonly string[];
  /** What a browser loads to show it. */
  readonly loads: readonly string[];
}

/** Builds the site in a folder of its own; returns the folder that holds `site`. */
async function build(t: TestContext): Promise<string> {
  const cwd = makeTree(t, {});
  const script = path.join(ROOT, 'scripts/build-docs-site.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, path.join(cwd, 'site')], { cwd: ROOT });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0, log);
  return cwd;
}

// One test, because a build takes seconds.
test('the documentation site has every page, and is deployed with types and cache headers, also by four shards; a second run finds nothing to do', async (t) => {
  const cwd = await build(t);
  const site = path.join(cwd, 'site');
  assertEveryPage(site);

  const server = await serverFor(t, { buckets: ['docs'] });
  server.seed('docs', 'gone.html', 'a page of an earlier build');
  server.seed('docs', 'assets/app.BfX9a1b2.js', 'a script of an earlier build');
  const first = await cliTo(server, DEPLOY, { cwd });
  assert.equal(first.code, 0, first.stdout + first.stderr);
  assert.deepEqual(server.keys('docs'), filesIn(site));
  const pages = pagesOf(server);
  const named = new Set([...pages.values()].flatMap(({ loads }) => loads));
  const kept = [...named].filter((name) => name.startsWith('/assets/'));
  assert.ok(kept.length > pages.size, 'each page has a script of its own');
  for (const key of server.keys('docs')) {
    const { body, headers } = server.object('docs', key) ?? {};
    assert.deepEqual(body, readFileSync(path.join(site, key)), key);
    assert.equal(headers?.['content-type'], typeOf(key), key);
    assert.equal(headers?.['cache-control'], cacheControlOf(key, named), key);
  }
  assert.deepEqual(missingIn(server), []);

  await assertShardsEqual(t, server, cwd);

  server.clearRequests();
  const second = await cliTo(server, DEPLOY, { cwd });
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /^Nothing to upload/m);
  const writes = server.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  assert.deepEqual(writes, []);
});

/** Asserts that four shards and `finish` leave, byte for byte and header for header, what one run has left in `whole`. */
async function assertShardsEqual(t: TestContext, whole: S3Server, cwd: string): Promise<void> {
  const server = await serverFor(t, { buckets: ['docs'] });
  server.seed('docs', 'gone.html', 'a page of an earlier build');
  server.seed('docs', 'assets/app.BfX9a1b2.js', 'a script of an earlier build');
  server.seed('docs', 'index.html', 'the page of an earlier build');
  const withoutDelete = DEPLOY.filter((word) => word !== '--delete');
  mkdirSync(path.join(cwd, 'reports'));
  for (const index of [1, 2, 3, 4]) {
    const ran = await cliTo(server, [...withoutDelete, '--shard', `${index}/4`, '--json'], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    writeFileSync(path.join(cwd, 'reports', `${index}.jsonl`), ran.stdout);
    assert.equal(server.object('docs', 'index.html')?.body.toString(), 'the page of an earlier build');
  }
  const ran = await cliTo(server, ['finish', ...DEPLOY, '--reports', 'reports', '--shards', '4'], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.doesNotMatch(ran.stderr, /Warning/);
  assert.deepEqual(server.keys('docs'), whole.keys('docs'));
  for (const key of whole.keys('docs')) {
    const [one, other] = [whole, server].map((place) => place.object('docs', key));
    assert.deepEqual(other?.body, one?.body, key);
    assert.deepEqual(other?.headers, one?.headers, key);
  }
}

/** Asserts that the built site has a page for each page of docs/, and that its first page leads to each. */
function assertEveryPage(site: string): void {
  const listed = readDocsIndex(path.join(ROOT, 'docs')).flatMap(({ pages }) => pages);
  const names = listed.map(({ file }) => file.replace(/\.md$/, '.html'));
  const built = filesIn(site).filter((name) => name.endsWith('.html'));
  assert.deepEqual(built, ['404.html', 'index.html', ...names].sort());
  const { links } = readPage(readFileSync(path.join(site, 'index.html'), 'utf8'));
  for (const name of names) assert.ok(links.includes(`./${name}`), name);
}

/** Links, files to load and headings that the deployed pages name and that are not there; and what would come from another host. */
function missingIn(server: S3Server): readonly string[] {
  const pages = pagesOf(server);
  return [...pages].flatMap(([key, { links, loads }]) => [
    ...loads.filter((address) => /^(?:https?:)?\/\//.test(address)).map((address) => `${key} loads ${address}`),
    ...[...links, ...loads]
      .filter((address) => !leadsSomewhere(server, pages, key, address))
      .map((to) => `${key}: ${to}`),
  ]);
}

function leadsSomewhere(server: S3Server, pages: ReadonlyMap<string, Page>, key: string, address: string): boolean {
  if (/^[a-z]+:/.test(address)) {
    const [, file] = /^\/(?:blob|tree)\/main\/([^#]*)/.exec(address.slice(REPOSITORY.length)) ?? [];
    return !address.startsWith(`${REPOSITORY}/`) || file === undefined || existsSync(path.join(ROOT, decodeURI(file)));
  }
  const { hash, pathname } = new URL(address, `https://docs.example.com/${key}`);
  const target = decodeURI(pathname)
    .slice(1)
    .replace(/^$|\/$/, '$&index.html');
  const id = decodeURIComponent(hash.slice(1));
  return server.object('docs', target) !== undefined && (id === '' || pages.get(target)?.ids.has(id) === true);
}

function pagesOf(server: S3Server): ReadonlyMap<string, Page> {
  const keys = server.keys('docs').filter((key) => key.endsWith('.html'));
  return new Map(keys.map((key) => [key, readPage(server.object('docs', key)?.body.toString() ?? '')]));
}

function readPage(html: string): Page {
  const [ids, links, loads] = [new Set<string>(), [] as string[], [] as string[]];
  const parser = new Parser({
    onopentag(name, { href, id, src }) {
      if (id !== undefined) ids.add(id);
      if (href !== undefined) (name === 'link' ? loads : links).push(href);
      if (src !== undefined) loads.push(src);
    },
  });
  parser.end(html);
  return { ids, links, loads };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
};

const typeOf = (key: string): string | undefined => TYPES[key.slice(key.lastIndexOf('.') + 1)];

/** Every name in assets/ has a hash; the preset trusts those that a page names. Others are loaded by scripts only. */
function cacheControlOf(key: string, named: ReadonlySet<string>): string {
  if (/\.html$|^hashmap\.json$/.test(key)) return 'no-cache';
  // A few hashes of Vite read as words, and are left out on purpose.
  const isHashed = key.startsWith('assets/') && isNamedByContent(path.posix.basename(key));
  return isHashed && named.has(`/${key}`) ? YEAR : 'public, max-age=600';
}
