import { aws } from './aws.js';
import { bareClients } from './bare.js';
import type { Client } from './client.js';
import { oursFleet } from './fleet.js';
import { floor } from './floor.js';
import { rclone, s5cmd } from './go-peers.js';
import { bun, clientS3, s3SyncClient } from './npm-peers.js';
import { oursApi, oursCli, oursNode24, oursThreads, oursWithoutHeaders } from './ours.js';
import { awscrt, obstore } from './python-peers.js';

/** The client that ratios compare the others with. */
export const BASE = 'ours-cli';

/** Threads of our command line that are measured side by side. */
const THREADS = [1, 2, 4, 8] as const;

/** Workers of a fleet on this machine that are measured beside threads. */
const FLEETS = [2, 4] as const;

/**
 * All clients, in the order of their runs.
 * @param extraArgs more arguments for our command line
 * @param builds other builds of ours, each as NAME=CHECKOUT
 */
export const allClients = (extraArgs: readonly string[], builds: readonly string[]): readonly Client[] => [
  oursCli({ extraArgs }),
  oursWithoutHeaders(extraArgs),
  ...builds.map((build) => {
    const at = build.indexOf('=');
    if (at < 1) throw new Error(`--build: "${build}" is not NAME=CHECKOUT`);
    return oursCli({ extraArgs, name: build.slice(0, at), checkout: build.slice(at + 1) });
  }),
  oursNode24(extraArgs),
  ...THREADS.map((threads) => oursThreads(extraArgs, threads)),
  ...FLEETS.map((workers) => oursFleet(extraArgs, workers)),
  oursApi,
  floor,
  ...bareClients,
  clientS3,
  s3SyncClient,
  bun,
  awscrt,
  obstore,
  s5cmd,
  rclone,
  aws,
];
