import { aws } from './aws.js';
import type { Client } from './client.js';
import { rclone, s5cmd } from './go-peers.js';
import { clientS3, s3SyncClient } from './npm-peers.js';
import { oursApi, oursCli, oursWithoutHeaders } from './ours.js';

/** The client that ratios compare the others with. */
export const BASE = 'ours-cli';

/**
 * All clients, in the order of their runs.
 * @param extraArgs more arguments for our command line
 * @param builds other builds of ours, each as NAME=CHECKOUT
 */
export const allClients = (extraArgs: readonly string[], builds: readonly string[]): readonly Client[] => [
  oursCli(extraArgs),
  oursWithoutHeaders(extraArgs),
  ...builds.map((build) => {
    const at = build.indexOf('=');
    if (at < 1) throw new Error(`--build: "${build}" is not NAME=CHECKOUT`);
    return oursCli(extraArgs, { name: build.slice(0, at), checkout: build.slice(at + 1) });
  }),
  oursApi,
  clientS3,
  s3SyncClient,
  s5cmd,
  rclone,
  aws,
];
