// Measures the Gulp plugin: `npx tsx bench/gulp.ts [--install] [--cli] [--rounds 5] [--files 10000]`. See bench/README.md.
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

/** A program to measure. */
interface Program {
  readonly name: string;
  readonly script: string;
  readonly extraArgs: readonly string[];
  /** PUT requests for each file that the sink must have seen. */
  readonly putsPerFile: number;
  /** Does not use gulp, so that `--cli` changes nothing. */
  readonly withoutGulp?: true;
}

function programs(): Program[] {
  const ours: Program[] = [
    { name: 'gulp.src alone', script: join(SCRIPTS, 'gulp-src.js'), extraArgs: [], putsPerFile: 0 },
    { name: 'API', script: join(SCRIPTS, 'ours-api.js'), extraArgs: ['stupid'], putsPerFile: 1, withoutGulp: true },
    { name: 'plugin', script: join(SCRIPTS, 'gulp-ours.js'), extraArgs: [], putsPerFile: 1 },
  ];
  if (!existsSync(join(npmFolder(), 'node_modules/gulp-awspublish'))) {
    console.log('gulp-awspublish is left out: it is not in the cache. Install it with --install.');
    return ours;
  }
  // The script must be in the folder of its libraries, where Node finds them.
  const script = join(npmFolder(), 'gulp-awspublish.js');
  copyFileSync(join(SCRIPTS, 'gulp-awspublish.js'), script);
  copyFileSync(join(SCRIPTS, GULPFILE), join(npmFolder(), GULPFILE));
  return [...ours, { name: 'gulp-awspublish', script, extraArgs: [], putsPerFile: 1 }];
}

/** The command that runs a program as a script, or with `--cli` as a task of the gulp command. */
function commandOf({ script, extraArgs, withoutGulp }: Program, tree: Tree, sink: Sink, cli: boolean) {
  const args = [script, tree.folder, BUCKET, sink.url, String(CONCURRENCY), ...extraArgs];
  const env = clientEnvironment(sink.certificate);
  if (!cli || withoutGulp === true) return { args, env };
  const folder = dirname(script);
  const gulp = join(dirname(createRequire(script).resolve('gulp')), 'bin/gulp.js');
  return {
    args: [gulp, '--silent', '-f', join(folder, GULPFILE)],
    env: { ...env, BENCH_SCRIPT: JSON.stringify(args) },
  };
}

async function runOnce(program: Program, cli: boolean, tree: Tree, sink: Sink, folder: string, signal: AbortSignal) {
  const { name, putsPerFile } = program;
  await sink.requests();
  const { args, env } = commandOf(program, tree, sink, cli);
  const measured = await measure({ program: process.execPath, args, env }, { folder, name: 'run', signal });
  const { byVerb, refused } = await sink.requests();
  const puts = byVerb.PUT ?? 0;
  if (measured.exitCode !== 0 || puts !== putsPerFile * tree.names.length || Object.keys(refused).length > 0)
    throw new Error(`${name} exited with ${measured.exitCode}; ${puts} PUTs, refused ${JSON.stringify(refused)}.`);
  return measured;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

function printResults(results: ReadonlyMap<string, readonly Measured[]>, files: number): void {
  const medianOf = (name: string, figure: (measured: Measured) => number): number =>
    median((results.get(name) ?? []).map(figure));
  const wall = (name: string): number => medianOf(name, ({ wallSeconds }) => wallSeconds);
  const cpu = (name: string): number => medianOf(name, ({ cpuSeconds }) => cpuSeconds);
  console.log('\n| program | wall s | CPU s | objects/s | RSS MB |\n|---|---|---|---|---|');
  for (const name of results.keys()) {
    const rss = medianOf(name, ({ peakBytes }) => peakBytes) / 1e6;
    const figures = [wall(name).toFixed(2), cpu(name).toFixed(2), (files / wall(name)).toFixed(0), rss.toFixed(0)];
    console.log(`| ${name} | ${figures.join(' | ')} |`);
  }
  const ratio = (seconds: typeof wall): string =>
    (seconds('plugin') / (seconds('API') + seconds('gulp.src alone'))).toFixed(2);
  console.log(`\nplugin / (API + gulp.src alone): wall ${ratio(wall)}, CPU ${ratio(cpu)}; target: at most 1.15.`);
  if (results.has('gulp-awspublish'))
    console.log(
      `gulp-awspublish / plugin: wall ${(wall('gulp-awspublish') / wall('plugin')).toFixed(1)}; target: at least 6.`,
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
    if (sink === undefined) throw new Error('nginx with its echo module is missing; install it with --install.');
    const tree = makeTree(join(folder, 'tree'), 'small', Number(values.files));
    const results = new Map<string, Measured[]>();
    const all = programs();
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const program of all) {
        const measured = await runOnce(program, values.cli, tree, sink, folder, signal);
        results.set(program.name, [...(results.get(program.name) ?? []), measured]);
      }
    }
    printResults(results, tree.names.length);
  } finally {
    await sinks.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
await main(stop.signal);
