import { aws } from './aws.js';
import type { Client } from './client.js';
import { rclone, s5cmd } from './go-peers.js';
import { clientS3, s3SyncClient } from './npm-peers.js';
import { oursApi, oursCli } from './ours.js';

/** The client that every ratio refers to. */
export const BASE = 'ours-cli';

/** All clients, in the order in which they take turns. `more` are options of our command line that are tried. */
export const allClients = (more: readonly string[]): readonly Client[] => [
  oursCli(more),
  oursApi,
  clientS3,
  s3SyncClient,
  s5cmd,
  rclone,
  aws,
];
