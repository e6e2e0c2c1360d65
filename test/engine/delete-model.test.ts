import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { S3Server } from 'fake-s3';
import fc from 'fast-check';
import type { PutOptions } from '../../src/index.js';
import { asFiles, foldersOf, LINK, matchesProtect, type World, world } from '../support/delete-world.js';
import { IMPATIENT, type Ran, run, serverFor } from '../support/engine.js';
import { whileLocked } from '../support/rights.js';
import { runs } from '../support/runs.js';
import { makeTar, type TarEntry } from '../support/tar.js';
import { makeTree } from '../support/tree.js';

const THEIRS = 'by another writer';

/** What a world comes to on disk. */
interface Site {
  readonly source: () => PutOptions['source'];
  /** Where the process must be. */
  readonly root: string;
  readonly locked: readonly string[];
  /** Bytes by path, for all files that the source has, be they taken or not. */
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlySet<string>;
  /** What comes between the prefix and the paths. */
  readonly base: string;
  /** The path of a link that is left out. */
  readonly skipped: string | undefined;
  /** Some of the source cannot be read, so nothing may be deleted. */
  readonly fails: boolean;
}

interface Cleanup {
  after(run: () => void): void;
}

const isOnDisk = ({ source }: World): boolean => source === 'directory' || source === 'directories';

function makeSite(t: Cleanup, w: World): Site {
  const root = makeTree(t, { 'out/a.html': 'outside', 'out/x.js': 'outside, too' });
  const taken = w.trouble.endsWith('link') ? w.local.filter((one) => !isAtLink(one)) : w.local;
  const paths = asFiles(taken);
  const files = new Map(
    paths.map((path, at) => [path, w.large[at] === true ? `bytes of ${path}`.repeat(4) : [...path].slice(-6).join('')]),
  );
  const folders = new Set(foldersOf(paths));
  const put = (folder: string, chosen: readonly string[]): string => {
    const path = join(root, folder);
    mkdirSync(path, { recursive: true });
    for (const one of chosen) {
      mkdirSync(join(path, one, '..'), { recursive: true });
      writeFileSync(join(path, one), files.get(one) ?? '');
    }
    return path;
  };
  const cwd = w.cwd && (w.source === 'directory' || w.source.startsWith('tar'));
  const shared = { root, files, folders, base: cwd && w.source === 'directory' ? 'dist/' : '' };
  const still = { ...shared, locked: [], skipped: undefined, fails: false };
  const dot = w.large[0] === true ? './' : '';
  const members: TarEntry[] = paths.map((name) => ({ name: dot + name, body: files.get(name) ?? '' }));
  if (w.source === 'items')
    return { ...still, source: () => paths.map((key) => ({ key, body: files.get(key) ?? '' })) };
  if (w.source === 'generator')
    return {
      ...still,
      async *source() {
        for (const key of paths) yield { key, body: files.get(key) ?? '' };
      },
    };
  if (!isOnDisk(w)) {
    mkdirSync(join(root, 'packed'));
    const archive = join(root, 'packed', `site.${w.source}`);
    const hasLink = w.trouble.endsWith('link');
    if (hasLink) members.push({ name: dot + LINK, type: '2', link: 'elsewhere' });
    for (const empty of emptyFolders(w, paths)) {
      members.unshift({ name: `${dot + empty}/`, type: '5' });
      for (const folder of foldersOf([`${empty}/x`])) folders.add(folder);
    }
    writeFileSync(archive, w.source === 'tar' ? makeTar(members) : gzipSync(makeTar(members)));
    const skipped = hasLink ? LINK : undefined;
    return { ...still, skipped, base: cwd ? 'packed/' : '', source: () => archive };
  }
  const half = w.source === 'directories' ? paths.filter((_path, at) => at % 2 === 1) : [];
  const dist = put(
    'dist',
    paths.filter((one) => !half.includes(one)),
  );
  const sources = w.source === 'directories' ? [dist, put('more', half)] : dist;
  for (const empty of emptyFolders(w, paths)) {
    mkdirSync(join(dist, empty), { recursive: true });
    for (const folder of foldersOf([`${empty}/x`])) folders.add(folder);
  }
  return {
    ...shared,
    source: () => sources,
    ...makeTrouble(
      w,
      shared,
      dist,
      paths.filter((one) => !half.includes(one)),
    ),
  };
}

function emptyFolders({ emptyFolders: all }: World, paths: readonly string[]): readonly string[] {
  return all.filter((empty) => !paths.some((one) => `${empty}/`.startsWith(`${one}/`)) && !isAtLink(empty));
}

const isAtLink = (path: string): boolean => path === LINK || path.startsWith(`${LINK}/`);

function makeTrouble(
  w: World,
  { files, folders }: { files: Map<string, string>; folders: Set<string> },
  dist: string,
  paths: readonly string[],
): Pick<Site, 'locked' | 'skipped' | 'fails'> {
  const none = { locked: [], skipped: undefined, fails: false };
  const [first = ''] = paths;
  const [folder] = foldersOf(paths);
  const link = join(dist, LINK);
  const { byName, byFile } = w.selection;
  const follows = (target: string, inside: boolean): Pick<Site, 'locked' | 'skipped' | 'fails'> => {
    symlinkSync(target, link);
    if (w.symlinks === 'skip' || (w.symlinks === 'inside' && !inside))
      return { ...none, skipped: LINK, fails: w.symlinks === 'inside' && !byName(LINK) };
    return none;
  };
  switch (w.trouble) {
    case 'locked file':
      // What is not read does not fail.
      if (first === '' || w.dryRun || w.putMode === 'add') return none;
      return {
        locked: [join(dist, first)],
        skipped: undefined,
        fails: !byName(first) && !byFile(first, sizeOf(files, first)),
      };
    case 'locked folder':
      if (folder === undefined) return none;
      return {
        locked: [join(dist, folder)],
        skipped: folder.slice(0, -1),
        fails: !byName(`${folder}x.html`) && !byFile(folder, 20),
      };
    case 'broken link': {
      symlinkSync('nowhere', link);
      return { ...none, skipped: LINK, fails: w.symlinks !== 'skip' && !byName(LINK) };
    }
    case 'outside link': {
      const trouble = follows('../out', false);
      if (trouble.skipped === undefined) {
        files.set(`${LINK}/a.html`, 'outside').set(`${LINK}/x.js`, 'outside, too');
        folders.add(`${LINK}/`);
      }
      return trouble;
    }
    case 'inside link': {
      if (folder === undefined || folder.indexOf('/') !== folder.length - 1) return none;
      const below = [...files].filter(([path]) => path.startsWith(folder) && paths.includes(path));
      const trouble = follows(folder.slice(0, -1), true);
      if (trouble.skipped === undefined) {
        folders.add(`${LINK}/`);
        for (const one of [...folders]) if (one.startsWith(folder)) folders.add(`${LINK}/${one.slice(folder.length)}`);
        for (const [path, body] of below) files.set(`${LINK}/${path.slice(folder.length)}`, body);
      }
      return trouble;
    }
    default:
      return none;
  }
}

const sizeOf = (files: ReadonlyMap<string, string>, path: string): number => Buffer.byteLength(files.get(path) ?? '');

/** What may become of a key below the prefix that the source does not put. */
type Fate = 'stays' | 'goes' | 'either';

/** Decides by names alone. */
function fates(w: World, site: Site, prefix: string): (key: string) => Fate {
  const { selection, naming } = w;
  const hooks = !naming.plain;
  const whole = prefix + site.base;
  const keyOf = (path: string): string => whole.slice(0, prefix.length) + naming.keyOf(site.base + path);
  const kept = new Set([...site.files.keys()].map(keyOf));
  const markers = new Set<string>();
  for (const key of kept) for (const folder of foldersOf([key])) markers.add(folder);
  for (const folder of site.folders)
    markers.add(naming.options.normalize === 'nfc' ? (whole + folder).normalize('NFC') : whole + folder);
  for (const folder of foldersOf([prefix])) markers.add(folder);
  return (key) => {
    if (!key.startsWith(prefix)) return 'stays';
    if (kept.has(key) || key === prefix) return 'stays';
    if (markers.has(key)) return hooks || site.files.size === 0 ? 'either' : 'stays';
    if (w.protect !== undefined && matchesProtect(key.slice(prefix.length))) return 'stays';
    const inside = key.startsWith(whole);
    const path = key.slice(whole.length);
    if (
      site.skipped !== undefined &&
      (hooks || key === keyOf(site.skipped) || key.startsWith(`${keyOf(site.skipped)}/`))
    )
      return 'stays';
    if (!hooks && inside && selection.byName(path)) return 'stays';
    if (
      !hooks &&
      inside &&
      key.endsWith('/') &&
      (selection.options.include !== undefined || selection.byName(`${path}x`))
    )
      return 'either';
    return 'goes';
  };
}

const SIBLINGS = ['docs', 'docs-old/a.html', 'docs.html', 'doc', 'docs0', 'x/docs', 'x/docs-old/b.map', 'x/a.html'];

/** Seeds the bucket and returns what it holds, by key. */
function seedRemote(server: S3Server, w: World, site: Site, prefix: string): Map<string, string> {
  const held = new Map<string, string>();
  if (prefix !== '') for (const key of [...SIBLINGS, prefix]) held.set(key, 'sibling');
  for (const key of w.remote) held.set(prefix + key, 'old').set(prefix + site.base + key, 'old, too');
  [...site.files].forEach(([path, body], at) => {
    const key = prefix + w.naming.keyOf(site.base + path);
    const before = w.before[at % 9];
    if (before !== 'absent') held.set(key, before === 'same' ? body : [...body].reverse().join(''));
  });
  for (const [key, body] of held) server.seed('site', key, body);
  return held;
}

/** Whether what a run deletes is bound to what it has listed. */
const isBound = ({ mode: { serverHeader = '', conditions } }: World, { events }: Ran): boolean =>
  conditions === 'honoured' &&
  ['AmazonS3', 'VERSITYGW'].includes(serverHeader) &&
  !events.some((event) => event.type === 'warning' && event.code === 'unbound-deletes');

async function check(t: Cleanup, w: World, server: S3Server): Promise<void> {
  const prefix = w.prefix === '' || w.prefix.endsWith('/') ? w.prefix : `${w.prefix}/`;
  const site = makeSite(t, w);
  const held = seedRemote(server, w, site, prefix);
  const fateOf = fates(w, site, prefix);
  for (const { kind, verb, occurrences } of w.faults) server.fault({ verb, occurrences, ...kind });

  /** What the other writer has written, all of it after the whole listing. */
  const theirs = new Set<string>();
  const readOnce = w.source === 'tar.gz' || w.source === 'items' || w.source === 'generator';
  const theirPhases =
    w.writer === 'deletes' || readOnce ? ['deletes'] : ['assets', 'data', 'pages', 'transfer', 'deletes'];
  const onEvent: PutOptions['onEvent'] = (event) => {
    if (w.writer === undefined || event.type !== 'phase' || !theirPhases.includes(event.phase)) return;
    if (theirs.size > 0) return;
    for (const path of w.written) for (const key of [prefix + path, `${prefix}new/${path}`]) theirs.add(key);
    for (const key of theirs) server.seed('site', key, THEIRS);
  };
  const bodies = (): Map<string, string> =>
    new Map(server.keys('site').map((key) => [key, server.object('site', key)?.body.toString() ?? '']));

  let now = 0;
  const clock = {
    now: () => now,
    random: () => 0.9,
    async sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      now += ms;
    },
  };
  const { order, concurrency, symlinks, dryRun, putMode } = w;
  const options = {
    ...{ order, concurrency, symlinks, dryRun, mode: putMode, prefix, delete: true, maxDelete: '100%' },
    ...w.selection.options,
    ...w.naming.options,
    ...(w.protect !== undefined && { protect: w.protect }),
    ...(site.base !== '' && { keyBase: 'cwd' as const }),
    // What is loaded late might lie where only root may read.
    httpClient: 'sockets' as const,
  };
  const events: Ran['events'][number][] = [];
  const before = process.cwd();
  if (site.base !== '') process.chdir(site.root);
  const put = (): Promise<Ran> =>
    run(
      server,
      {
        source: site.source(),
        ...options,
        onEvent: (event) => {
          events.push(event);
          onEvent(event);
        },
      },
      { ...IMPATIENT, clock },
    );
  const ran = {
    ...(await (site.locked.length > 0 ? whileLocked(site.locked, put) : put()).finally(() => process.chdir(before))),
    events,
  };
  const { error, report, outcomes } = ran;
  const after = bodies();
  const gone = [...held.keys()].filter((key) => !after.has(key));
  const outcomeOf = new Map(outcomes.map((outcome) => [outcome.key, outcome]));

  // Never: what the listing had and the source did not is all that goes.
  for (const key of gone) assert.notEqual(fateOf(key), 'stays', `${key} was deleted`);
  for (const key of theirs) {
    if (!held.has(key)) assert.equal(after.has(key), true, `${key} was written after the listing, and deleted`);
    else if (isBound(w, ran)) assert.equal(after.has(key), true, `${key} was rewritten after the listing, and deleted`);
  }
  for (const [key, body] of held) if (!key.startsWith(prefix)) assert.equal(after.get(key), body);
  if (dryRun && theirs.size === 0) assert.deepEqual(after, held, 'a dry run has written');
  if (site.fails) {
    assert.notEqual(error, undefined);
    assert.deepEqual(gone, [], 'deleted although the source could not be read');
  }

  // The outcomes say what happened.
  for (const key of gone)
    assert.ok(['delete', 'fail', 'unknown'].includes(outcomeOf.get(key)?.action ?? ''), `${key} went without a word`);
  for (const { key, action } of outcomes) {
    if (action === 'delete' && !dryRun) assert.ok(!after.has(key) || theirs.has(key), `${key} is said to be deleted`);
    if (action === 'delete') assert.notEqual(fateOf(key), 'stays', `${key} is said to be deleted`);
  }
  if (mustSucceed(w, site)) assert.equal(error, undefined);
  if (report === undefined) return;
  // Two items that are given one key have an outcome each.
  if (Object.keys(w.naming.options).length === 0)
    assert.equal(outcomeOf.size, outcomes.length, 'a key has two outcomes');
  if (error !== undefined) {
    assert.ok(report.failures.length > 0 || error.name !== 'PartialFailureError');
    return;
  }

  // Without an error the bucket is as wanted.
  assert.deepEqual([report.counts.fail, report.counts.unknown, report.notAttempted ?? 0], [0, 0, 0]);
  assert.equal(report.straysComplete, true);
  for (const key of held.keys()) {
    if (fateOf(key) !== 'goes' || theirs.has(key)) continue;
    // A wrong ETag is that of another object, and so is one that a failed HEAD does not show: such an object stays, and is reported.
    const unsure = w.faults.some(({ kind: { type }, verb }) => type === 'wrong-etag' || verb === 'HeadObject');
    if (unsure && outcomeOf.get(key)?.action === 'skip') continue;
    if (dryRun) assert.equal(outcomeOf.get(key)?.action, 'delete', `${key} is not in the dry run`);
    else assert.equal(after.has(key), false, `${key} stays`);
  }
  if (dryRun || putMode === 'add') return;
  for (const [path, body] of site.files) {
    const key = prefix + w.naming.keyOf(site.base + path);
    if (w.selection.byName(path) || w.selection.byFile(path, Buffer.byteLength(body)) || theirs.has(key)) continue;
    if (w.trouble !== 'none' && path.startsWith(LINK)) continue;
    assert.equal(after.get(key), body, `${key} is not what the source has`);
  }
}

/** Whether nothing can go wrong: a known server lists in order, no two files get one key, and some file is put. */
const mustSucceed = (w: World, site: Site): boolean =>
  w.faults.length === 0 &&
  w.trouble === 'none' &&
  Object.keys(w.naming.options).length === 0 &&
  w.mode.order === 'utf8' &&
  [...site.files].some(
    ([path, body]) => !w.selection.byName(path) && !w.selection.byFile(path, Buffer.byteLength(body)),
  );

test('no key is deleted unless the whole listing has it and the whole source has not', async (t) => {
  await fc.assert(
    fc.asyncProperty(world, async (w) => {
      const server = await serverFor(t, { buckets: { site: w.mode } });
      await check(t, w, server);
      await server.close();
    }),
    runs(50),
  );
});
