import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './clients/client.js';
import { clientEnvironment } from './clients/environment.js';
import { measure } from './measure.js';
import { figuresOf, type Run, type WorkloadResult } from './result.js';
import type { Requests } from './sinks/sink.js';
import type { Stage } from './stage.js';
import type { Tree } from './tree.js';
import { inParts, type Workload } from './workloads.js';

interface RoundOptions {
  readonly clients: readonly Client[];
  readonly rounds: number;
  readonly concurrency: number;
  /** Folder for the clients' output. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** Runs all clients of a workload in alternation: A B C A B C. */
export async function runRounds(
  workload: Workload,
  tree: Tree,
  stage: Stage,
  options: RoundOptions,
): Promise<WorkloadResult> {
  const concurrency = workload.concurrency ?? options.concurrency;
  const runs = new Map<Client, Run[]>();
  let turn = 0;
  for (let round = 1; round <= options.rounds * (workload.repeats ?? 1); round += 1) {
    for (const client of options.clients) {
      turn += 1;
      const run = await runOnce(client, { ...options, workload, tree, stage, concurrency, round, turn });
      if (run !== undefined) runs.set(client, [...(runs.get(client) ?? []), run]);
    }
  }
  const [objects, bytes] = [tree.names.length, tree.bytes];
  const rows = [...runs].map(([{ name, note }, clientRuns]) => ({
    client: name,
    note,
    runs: clientRuns,
    figures: figuresOf(clientRuns, objects, bytes),
  }));
  const { name, title } = workload;
  return { name, title, concurrency, objects, sent: stage.sent, bytes, rows };
}

interface Turn extends Omit<RoundOptions, 'clients' | 'rounds'> {
  readonly workload: Workload;
  readonly tree: Tree;
  readonly stage: Stage;
  readonly round: number;
  readonly turn: number;
}

/** Whether a client runs in a workload at all. */
export function belongs(client: Client, { headers, starts, threads }: Workload): boolean {
  if (headers === true && client.comparesHeaders !== true) return false;
  if (client.putsNothing === true && starts !== true) return false;
  if (client.threads !== undefined && threads !== 'several' && !(threads === 'one' && client.threads === 1))
    return false;
  return threads !== 'several' || client.threads !== undefined || client.ours === true;
}

async function runOnce(client: Client, turn: Turn): Promise<Run | undefined> {
  const { workload, tree, stage, round, signal } = turn;
  if (!belongs(client, workload)) return undefined;
  const scratch = join(turn.scratch, `${workload.name}-${turn.turn}`);
  mkdirSync(scratch);
  const job = {
    kind: workload.kind === 'put' ? 'put' : 'update',
    folder: tree.folder,
    ...(stage.from !== undefined && { from: stage.from }),
    url: stage.sink.url,
    concurrency: turn.concurrency,
    compare: stage.sink.etags,
    inParts: inParts(workload),
    site: workload.site === true,
    headers: workload.headers === true,
    md5: workload.md5 === true,
    scratch,
    env: clientEnvironment(stage.sink.certificate),
  } as const;
  if (client.command({ ...job, bucket: 'any' }) === undefined) return undefined;
  const bucket = await stage.before(turn.turn);
  const command = client.command({ ...job, bucket });
  if (command === undefined) return undefined;
  await stage.sink.requests();
  const measured = await measure(command, { folder: scratch, name: client.name, signal });
  const requests = await stage.sink.requests();
  const stateProblem = await stage.after(bucket);
  const expected = client.putsNothing === true ? { sent: 0, bytes: 0 } : { sent: stage.sent, bytes: tree.bytes };
  const problem = problemOf(measured.exitCode, requests, expected, client) ?? stateProblem;
  const { wallSeconds, cpuSeconds } = measured;
  const suffix = problem === undefined ? '' : `: ${problem}\n${lastLines(scratch, client.name)}`;
  console.log(
    `${workload.name} ${round} ${client.name}: ${wallSeconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s${suffix}`,
  );
  return { ...measured, round, requests, problem };
}

/** Why a run is invalid: it failed, left objects out, or had requests refused. Such figures cannot be compared. */
function problemOf(
  exitCode: number,
  { byVerb, refused, bytes, unchecked }: Requests,
  expected: { readonly sent: number; readonly bytes: number },
  client: Client,
): string | undefined {
  if (exitCode !== 0) return `exit code ${exitCode}`;
  const refusals = Object.entries(refused).filter(([request]) => /^(PUT|CREATE|UPLOAD|COMPLETE) /.test(request));
  if (refusals.length > 0) return refusals.map(([request, times]) => `${times} ${request}`).join(', ');
  const puts = (byVerb.PUT ?? 0) + (byVerb.COPY ?? 0) + (byVerb.COMPLETE ?? 0);
  if (puts < expected.sent) return `${puts} PUTs instead of ${expected.sent}`;
  if (unchecked > 0 && client.unchecked !== true) return `${unchecked} PUTs without a checksum`;
  return bytes !== undefined && bytes < expected.bytes ? `${bytes} bytes instead of ${expected.bytes}` : undefined;
}

function lastLines(folder: string, name: string): string {
  const outputs = ['stdout', 'stderr'].map((stream) => readFileSync(join(folder, `${name}.${stream}`), 'utf8').trim());
  return outputs.flatMap((text) => text.split('\n').slice(-5)).join('\n');
}
