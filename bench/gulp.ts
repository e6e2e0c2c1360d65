// Measures the Gulp plugin: `npx tsx bench/gulp.ts [--install] [--cli] [--rounds 5] [--files 10000]`. bench/README.md says how to read it.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { clientEnvironment } from './clients/environment.js';
import { installMissing } from './install.js';
import { machineText, thisMachine } from './machine.js';
import { type Measured, measure } from './measure.js';
import { npmFolder } from './peers.js';
import { openSinks } from './sinks/open-sinks.js';
import type { Sink } from './sinks/sink.js';
import { makeTree, type Tree } from './tree.js';

const SCRIPTS = join(import.meta.dirname, 'scripts');
const GULPFILE = 'gulpfile.cjs';
const CONCURRENCY = 64;
const BUCKET = 's3pp-bench';

interface Program {
  readonly name: string;
  readonly script: string;
  readonly more: readonly string[];
  /** Puts that the sink must have seen, for each file. */
  readonly puts: number;
  /** Has no stage of gulp's. */
  readonly alone?: true;
}

function programs(): Program[] {
  const ours: Program[] = [
    { name: 'gulp.src alone', script: join(SCRIPTS, 'gulp-src.js'), more: [], puts: 0 },
    { name: 'API', script: join(SCRIPTS, 'ours-api.js'), more: ['stupid'], puts: 1, alone: true },
    { name: 'plugin', script: join(SCRIPTS, 'gulp-ours.js'), more: [], puts: 1 },
  ];
  if (!existsSync(join(npmFolder(), 'node_modules/gulp-awspublish'))) {
    console.log('Without gulp-awspublish: not in the cache. Get it with --install.');
    return ours;
  }
  // In the folder of its libraries, which is where Node looks for them.
  const script = join(npmFolder(), 'gulp-awspublish.js');
  copyFileSync(join(SCRIPTS, 'gulp-awspublish.js'), script);
  copyFileSync(join(SCRIPTS, GULPFILE), join(npmFolder(), GULPFILE));
  return [...ours, { name: 'gulp-awspublish', script, more: [], puts: 1 }];
}

/** As a script of its own, or as a task of the gulp command. */
function commandOf({ script, more, alone }: Program, tree: Tree, sink: Sink, cli: boolean) {
  const words = [script, tree.folder, BUCKET, sink.url, String(CONCURRENCY), ...more];
  const env = clientEnvironment(sink.certificate);
  if (!cli || alone === true) return { args: words, env };
  const beside = dirname(script);
  const gulp = join(dirname(createRequire(script).resolve('gulp')), 'bin/gulp.js');
  return {
    args: [gulp, '--silent', '-f', join(beside, GULPFILE)],
    env: { ...env, BENCH_SCRIPT: JSON.stringify(words) },
  };
}

async function runOnce(program: Program, cli: boolean, tree: Tree, sink: Sink, folder: string, signal: AbortSignal) {
  const { name, puts } = program;
  await sink.requests();
  const { args, env } = commandOf(program, tree, sink, cli);
  const measured = await measure({ program: process.execPath, args, env }, { folder, name: 'run', signal });
  const { byVerb, refused } = await sink.requests();
  const seen = byVerb.PUT ?? 0;
  if (measured.exitCode !== 0 || seen !== puts * tree.names.length || Object.keys(refused).length > 0)
    throw new Error(`${name} ended with ${measured.exitCode}; ${seen} PUTs, refused ${JSON.stringify(refused)}.`);
  return measured;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

function show(results: ReadonlyMap<string, readonly Measured[]>, files: number): void {
  const of = (name: string, what: (measured: Measured) => number): number =>
    median((results.get(name) ?? []).map(what));
  const wall = (name: string): number => of(name, ({ wallSeconds }) => wallSeconds);
  const cpu = (name: string): number => of(name, ({ cpuSeconds }) => cpuSeconds);
  console.log('\n| program | wall s | CPU s | objects/s | RSS MB |\n|---|---|---|---|---|');
  for (const name of results.keys()) {
    const rss = of(name, ({ peakBytes }) => peakBytes) / 1e6;
    const figures = [wall(name).toFixed(2), cpu(name).toFixed(2), (files / wall(name)).toFixed(0), rss.toFixed(0)];
    console.log(`| ${name} | ${figures.join(' | ')} |`);
  }
  const ratio = (seconds: typeof wall): string =>
    (seconds('plugin') / (seconds('API') + seconds('gulp.src alone'))).toFixed(2);
  console.log(`\nplugin / (API + gulp.src alone): wall ${ratio(wall)}, CPU ${ratio(cpu)}; at most 1.15 is wanted.`);
  if (results.has('gulp-awspublish'))
    console.log(
      `gulp-awspublish / plugin: wall ${(wall('gulp-awspublish') / wall('plugin')).toFixed(1)}; at least 6 is wanted.`,
    );
}

async function main(signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    options: {
      install: { type: 'boolean' },
      cli: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      files: { type: 'string', default: '10000' },
    },
  });
  if (values.install === true) await installMissing(signal);
  console.log(machineText(thisMachine()));
  const folder = mkdtempSync(join(tmpdir(), 's3pp-bench-'));
  const sinks = openSinks(signal);
  try {
    const sink = await sinks.open('http');
    if (sink === undefined) throw new Error('nginx with its echo module is missing; get it with --install.');
    const tree = makeTree(join(folder, 'tree'), 'small', Number(values.files));
    const results = new Map<string, Measured[]>();
    const all = programs();
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const program of all) {
        const measured = await runOnce(program, values.cli, tree, sink, folder, signal);
        results.set(program.name, [...(results.get(program.name) ?? []), measured]);
      }
    }
    show(results, tree.names.length);
  } finally {
    await sinks.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
await main(stop.signal);
