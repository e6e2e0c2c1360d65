// Deploys built sites and redeploys changed builds of them, on the embedded server, versitygw and MinIO, while a reader polls the site:
// `tsx test/large/real-sites.ts [--servers=embedded,versitygw,minio] [--order=none] NAME=OLD,NEW …`, where OLD and NEW are folders. Prints a table;
// ends with 1 if an object is not as built, or if the reader got a page whose assets are missing, which it should with --order=none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from 'fake-s3';
import { put, type Report } from '../../src/index.js';
import { connection } from '../support/engine.js';
import { chosen, filesIn, onServer, type Store, storeOf } from './real-servers.js';

const words = process.argv.slice(2);
const order = words.includes('--order=none') ? 'none' : 'site';
const IMMUTABLE = 'public, max-age=31536000, immutable';
const RULES = [
  { match: '**', cacheControl: 'no-cache' },
  { match: 'assets/**', cacheControl: IMMUTABLE, optional: true },
];
/** What a browser needs for these endings. Other files have some type. */
const TYPES: Readonly<Record<string, RegExp>> = {
  html: /^text\/html; charset=utf-8$/,
  js: /^text\/javascript; charset=utf-8$/,
  css: /^text\/css; charset=utf-8$/,
  json: /^application\/json/,
  map: /^application\/json/,
  svg: /^image\/svg\+xml/,
  png: /^image\/png$/,
  woff2: /^font\/woff2$/,
  ttf: /^font\/ttf$/,
};

interface Site {
  readonly name: string;
  readonly builds: readonly [before: string, after: string];
}

/** The keys of the scripts, styles, pictures and fonts that a page loads from the site itself. */
function assetsOf(page: string, html: string): readonly string[] {
  const found = new Set<string>();
  for (const [tag] of html.matchAll(/<(?:script|link|img|source)\b[^>]*>/gi)) {
    const [, reference] = /\s(?:src|href)\s*=\s*["']?([^"'\s>]+)/i.exec(tag) ?? [];
    if (reference === undefined || /\srel=["']?(?:canonical|alternate)/i.test(tag)) continue;
    const url = new URL(reference, `http://site/${page}`);
    if (url.host === 'site' && url.protocol === 'http:') found.add(decodeURIComponent(url.pathname.slice(1)));
  }
  return [...found];
}

interface Polled {
  pages: number;
  assets: number;
  /** Pages that changed while their assets were read. */
  changed: number;
  readonly missing: string[];
}

/** Readers at once. Prime, so that each comes to all pages. */
const VISITORS = 7;

/** Reads one page after the other, and the assets that it names, until told to stop. */
async function poll(store: Store, pages: readonly string[], stop: AbortSignal): Promise<Polled> {
  const polled: Polled = { pages: 0, assets: 0, changed: 0, missing: [] };
  const readPage = async (page: string): Promise<void> => {
    const html = (await store.get(page))?.body.toString();
    if (html === undefined) return;
    polled.pages += 1;
    const assets = assetsOf(page, html);
    const there = await Promise.all(assets.map((asset) => store.has(asset)));
    polled.assets += assets.length;
    const missing = assets.filter((_asset, at) => there[at] === false);
    if (missing.length === 0) return;
    // The page may be another one by now, or be deleted: then who reads it now gets other assets.
    if ((await store.get(page))?.body.toString() === html) polled.missing.push(`${page}: ${missing.join(', ')}`);
    else polled.changed += 1;
  };
  const visitor = async (_: unknown, start: number): Promise<void> => {
    for (let at = start; !stop.aborted && pages.length > 0; at += VISITORS)
      await readPage(pages[at % pages.length] ?? '');
  };
  await Promise.all(Array.from({ length: VISITORS }, visitor));
  return polled;
}

/** What is not as the folder has it. */
async function differences(store: Store, folder: string): Promise<readonly string[]> {
  const files = filesIn(folder);
  const keys = await store.keys();
  const wrong = [...keys.filter((key) => !files.includes(key)).map((key) => `${key} is no file`)];
  for (const file of files) {
    const object = await store.get(file);
    if (object === undefined) wrong.push(`${file} is missing`);
    else if (!object.body.equals(readFileSync(join(folder, file)))) wrong.push(`${file} has other bytes`);
    else {
      const type = TYPES[file.slice(file.lastIndexOf('.') + 1)];
      if (type !== undefined && !type.test(object.type)) wrong.push(`${file} has the type ${object.type}`);
      const cache = file.startsWith('assets/') ? IMMUTABLE : 'no-cache';
      if (object.cache !== cache) wrong.push(`${file} has the Cache-Control ${object.cache}`);
    }
  }
  return wrong;
}

interface Row {
  readonly server: string;
  readonly site: string;
  readonly step: string;
  readonly report: Report;
  readonly polled: Polled;
  readonly wrong: readonly string[];
}

async function deploy(server: string, endpoint: Endpoint, { name, builds }: Site): Promise<readonly Row[]> {
  const bucket = `site-${name}`;
  const store = storeOf(endpoint, bucket);
  await store.create();
  const pages = [...new Set(builds.flatMap(filesIn))].filter((file) => file.endsWith('.html'));
  const rows: Row[] = [];
  const [before, after] = builds;
  for (const [step, source] of [
    ['first', before],
    ['changed', after],
    ['unchanged', after],
    ['back', before],
  ] as const) {
    const done = new AbortController();
    const polling = poll(store, pages, done.signal);
    const options = { order, delete: true, maxDelete: '100%', rules: RULES, concurrency: 8 } as const;
    const report = await put({ source, bucket, prefix: '', ...connection(endpoint), ...options });
    done.abort();
    rows.push({ server, site: name, step, report, polled: await polling, wrong: await differences(store, source) });
  }
  store.close();
  return rows;
}

function show({ server, site, step, report, polled, wrong }: Row): void {
  const { counts, requests, seconds } = report;
  const all = Object.entries(requests).map(([verb, count]) => `${count} ${verb}`);
  console.log(
    `| ${server} | ${site} | ${step} | ${counts.put} put, ${counts.skip} same, ${counts.delete} deleted | ${seconds.toFixed(1)} s | ${all.join(', ')} | ${polled.pages} pages, ${polled.assets} assets, ${polled.changed} changed meanwhile | ${polled.missing.length} | ${wrong.length} |`,
  );
  for (const one of [...polled.missing, ...wrong].slice(0, 10)) console.log(`  ${one}`);
}

const sites = words.flatMap((word): Site[] => {
  const [, name = '', before = '', after = ''] = /^([a-z][a-z-]*)=([^,]+),(.+)$/.exec(word) ?? [];
  return name === '' ? [] : [{ name, builds: [before, after] }];
});
if (sites.length === 0) throw new Error('Name sites as NAME=OLD,NEW: folders with two builds of each.');
console.log(
  '| server | site | build | objects | time | requests | read meanwhile | assets missing | not as built |\n|---|---|---|---|---|---|---|---|---|',
);
for (const server of chosen(words, 'servers', ['embedded', 'versitygw', 'minio']))
  await onServer(server, async (endpoint) => {
    for (const site of sites)
      for (const row of await deploy(server, endpoint, site)) {
        show(row);
        if (row.polled.missing.length + row.wrong.length > 0) process.exitCode = 1;
      }
  });
