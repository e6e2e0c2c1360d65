import { parseArgs } from 'node:util';
import { allClients } from './clients/all.js';
import type { Client } from './clients/client.js';
import { WORKLOADS, type Workload } from './workloads.js';

export interface Options {
  readonly workloads: readonly Workload[];
  readonly clients: readonly Client[];
  readonly rounds: number;
  readonly files: number;
  readonly concurrency: number;
  readonly install: boolean;
  readonly list: boolean;
  /** File for the results; by default its name has the time. */
  readonly out: string | undefined;
}

export const HELP = `npm run bench -- [options]

  --workloads A,B    workloads or groups of them (default: all that need no hour); --list names them
  --clients A,B      clients to run (default: all that are installed)
  --rounds N         runs of each client, interleaved (default: 3)
  --files N          number of small files; a fifth of it for files of 256 KiB (default: 10000)
  --concurrency N    requests in flight (default: 64)
  --ours OPTION      an argument for our command line, repeatable: --ours=--compare --ours=size
  --build NAME=DIR   measure the build of another checkout too, repeatable; one checkout twice shows the spread
  --install          install what is missing: peers into the cache, nginx with apt-get
  --out FILE         file for the results as JSON (default: bench/results/TIME.json)
  --list             name workloads and clients, and what is missing

Exits with 1 if a client failed. A missed target does not change the exit code.
`;

/** @throws Error for a wrong option */
export function parseOptions(argv: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      workloads: { type: 'string' },
      clients: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      files: { type: 'string', default: '10000' },
      concurrency: { type: 'string', default: '64' },
      ours: { type: 'string', multiple: true, default: [] },
      build: { type: 'string', multiple: true, default: [] },
      install: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    workloads: selectWorkloads(values.workloads),
    clients: select('client', allClients(values.ours, values.build), values.clients),
    rounds: positiveNumber('--rounds', values.rounds),
    files: positiveNumber('--files', values.files),
    concurrency: positiveNumber('--concurrency', values.concurrency),
    install: values.install,
    list: values.list,
    out: values.out,
  };
}

/** Workloads by their names or groups; by default all but those that run only by name. */
function selectWorkloads(text: string | undefined): readonly Workload[] {
  if (text === undefined) return WORKLOADS.filter(({ onlyByName }) => onlyByName !== true);
  const names = text.split(',').flatMap((name) => {
    const group = WORKLOADS.filter((workload) => workload.group === name);
    return group.length === 0 ? [name] : group.map((workload) => workload.name);
  });
  return select('workload', WORKLOADS, names.join(','));
}

function select<Named extends { readonly name: string }>(
  kind: string,
  all: readonly Named[],
  text: string | undefined,
): readonly Named[] {
  const names = text?.split(',') ?? all.map(({ name }) => name);
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown === undefined) return all.filter(({ name }) => names.includes(name));
  throw new Error(`There is no ${kind} "${unknown}": ${all.map(({ name }) => name).join(', ')}.`);
}

function positiveNumber(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`${option} must be a whole number of at least 1, not "${text}".`);
}
