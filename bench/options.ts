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
  /** File for the results; a name with the time by default. */
  readonly out: string | undefined;
}

export const HELP = `npm run bench -- [options]

  --workloads A,B    which workloads (default: all); --list names them
  --clients A,B      which clients (default: all that are there)
  --rounds N         runs of each client, interleaved (default: 3)
  --files N          small files; a fifth of that of 256 KiB (default: 10000)
  --concurrency N    requests in flight (default: 64)
  --ours OPTION      a word for our command line, repeatable: --ours=--compare --ours=size
  --build NAME=DIR   measure the build of another checkout too, repeatable; the same twice shows the spread of one build
  --install          get what is missing: peers into the cache, nginx by apt-get
  --out FILE         where the JSON goes (default: bench/results/TIME.json)
  --list             name workloads and clients, and what is missing

Ends with 1 if a client failed. Targets that are not met are only told.
`;

/** Throws for what cannot be understood. */
export function optionsOf(argv: readonly string[]): Options | 'help' {
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
    workloads: chosen('workload', WORKLOADS, values.workloads),
    clients: chosen('client', allClients(values.ours, values.build), values.clients),
    rounds: positive('--rounds', values.rounds),
    files: positive('--files', values.files),
    concurrency: positive('--concurrency', values.concurrency),
    install: values.install,
    list: values.list,
    out: values.out,
  };
}

function chosen<Named extends { readonly name: string }>(
  what: string,
  all: readonly Named[],
  text: string | undefined,
): readonly Named[] {
  const names = text?.split(',') ?? all.map(({ name }) => name);
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown === undefined) return all.filter(({ name }) => names.includes(name));
  throw new Error(`There is no ${what} "${unknown}": ${all.map(({ name }) => name).join(', ')}.`);
}

function positive(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`${option} must be a number from 1 on, not "${text}".`);
}
