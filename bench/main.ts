// Measures clients against each other: `npm run bench -- --help`. See bench/README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { installMissing } from './install.js';
import { machineText, thisMachine } from './machine.js';
import { HELP, type Options, parseOptions } from './options.js';
import type { WorkloadResult } from './result.js';
import { belongs, runRounds } from './rounds.js';
import { findNginx } from './sinks/find-nginx.js';
import { openSinks } from './sinks/open-sinks.js';
import { versitygwMissing } from './sinks/versitygw.js';
import { byteStage, realStage, type Stage } from './stage.js';
import { tableOf, verdictTable } from './table.js';
import { verdicts } from './targets.js';
import { makeTree } from './tree.js';
import { WORKLOADS } from './workloads.js';

/** Clients and servers that cannot be measured here, each with its reason. */
function notMeasured({ clients, workloads }: Options): string[] {
  const nginx = findNginx();
  return [
    ...clients
      .filter((client) => workloads.some((workload) => belongs(client, workload)))
      .map((client) => [client.name, client.missing()] as const),
    ['the byte sinks', typeof nginx === 'string' ? nginx : undefined] as const,
    ['the real server', versitygwMissing()] as const,
  ].flatMap(([name, why]) => (why === undefined ? [] : [`Left out: ${name} (${why}).`]));
}

/** Measures all workloads, and saves the results after each. */
async function measureAll(
  options: Options,
  folder: string,
  save: (results: readonly WorkloadResult[]) => void,
  signal: AbortSignal,
): Promise<WorkloadResult[]> {
  const clients = options.clients.filter((client) => client.missing() === undefined);
  const { rounds, concurrency } = options;
  const sinks = openSinks(signal);
  const results: WorkloadResult[] = [];
  try {
    for (const workload of options.workloads) {
      const sink = await sinks.open(workload.sink);
      if (sink === undefined) continue;
      const files = workload.count ?? Math.ceil(options.files * workload.share);
      const tree = makeTree(join(folder, workload.name), workload.sizes, files);
      const stage: Stage = 'buckets' in sink ? await realStage(sink, workload, tree) : byteStage(sink, tree);
      const result = await runRounds(workload, tree, stage, { clients, rounds, concurrency, scratch: folder, signal });
      rmSync(tree.folder, { recursive: true });
      console.log(`\n${tableOf(result)}\n`);
      results.push(result);
      save(results);
    }
  } finally {
    await sinks.close();
  }
  return results;
}

async function main(options: Options, signal: AbortSignal): Promise<void> {
  if (options.install) await installMissing(signal);
  const missing = notMeasured(options);
  if (options.list) {
    console.log(WORKLOADS.map(({ name, title }) => `${name}: ${title}`).join('\n'));
    console.log(`\n${options.clients.map(({ name, note }) => `${name}: ${note}`).join('\n')}\n`);
  }
  for (const line of missing) console.log(line);
  if (missing.length > 0) console.log('What is missing is installed by "npm run bench -- --install".');
  if (options.list) return;
  const machine = thisMachine();
  console.log(machineText(machine));
  const folder = mkdtempSync(join(tmpdir(), 's3pp-bench-'));
  try {
    const startedAt = new Date().toISOString();
    const file = resolve(
      options.out ?? join(import.meta.dirname, 'results', `${startedAt.replaceAll(':', '-').slice(0, 19)}.json`),
    );
    mkdirSync(dirname(file), { recursive: true });
    const { rounds, files, concurrency } = options;
    const save = (results: readonly WorkloadResult[]): void => {
      const all = {
        began: startedAt,
        machine,
        missing,
        options: { rounds, files, concurrency },
        results,
        targets: verdicts(results),
      };
      writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
    };
    const results = await measureAll(options, folder, save, signal);
    if (results.some(({ rows }) => rows.some(({ figures }) => figures === undefined))) process.exitCode = 1;
    console.log(`${verdictTable(verdicts(results))}\n\nAll results are in ${file}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.exitCode ??= 128 + constants.signals[signal];
    stop.abort();
  });
}
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else await main(options, stop.signal);
} catch (error) {
  if (!stop.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode ??= 1;
}
