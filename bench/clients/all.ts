import { aws } from './aws.js';
import type { Client } from './client.js';
import { rclone, s5cmd } from './go-peers.js';
import { clientS3, s3SyncClient } from './npm-peers.js';
import { oursApi, oursCli } from './ours.js';

/** The client that every ratio refers to. */
export const BASE = 'ours-cli';

/**
 * All clients, in the order in which they take turns.
 * @param more options of our command line that are tried
 * @param builds other builds of ours, each as NAME=CHECKOUT
 */
export const allClients = (more: readonly string[], builds: readonly string[]): readonly Client[] => [
  oursCli(more),
  ...builds.map((build) => {
    const at = build.indexOf('=');
    if (at < 1) throw new Error(`--build: "${build}" is not NAME=CHECKOUT`);
    return oursCli(more, { name: build.slice(0, at), checkout: build.slice(at + 1) });
  }),
  oursApi,
  clientS3,
  s3SyncClient,
  s5cmd,
  rclone,
  aws,
];
