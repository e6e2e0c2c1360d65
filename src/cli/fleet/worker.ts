import { type ConfigLayer, engineOptions, mergeLayers, valuesIn } from '../../config/layers.js';
import { UsageError } from '../../errors.js';
import type { OwnWorkerOptions } from '../../fleet-worker.js';
import { maskAddress } from '../../report/mask-secrets.js';
import { isQuiet } from '../output/lines.js';

/** A command line with the command `worker`. */
export interface ParsedWorker {
  readonly command: 'worker';
  readonly queue: string;
  /** What the worker has of its own. */
  readonly own: OwnWorkerOptions;
  /** What it may read and write; none where everything is allowed. */
  readonly allowSource: readonly string[];
  readonly allowDestination: readonly string[];
  /** A line for each failed object and each request that is tried again. */
  readonly verbose: boolean;
  /** Only failures and errors have lines. */
  readonly quiet: boolean;
  /** The options, with where each was given. */
  readonly settings: ConfigLayer;
}

const USAGE = 'Write s3-parallel-put worker redis://host:6379, or set S3PP_QUEUE.';

/** Merges the options of the command; the first of `layers` is the command line. Throws `UsageError`. */
export function parseWorker(words: readonly string[], layers: readonly ConfigLayer[]): ParsedWorker {
  const [word, extra] = words;
  if (extra !== undefined)
    throw new UsageError(`The command "worker" takes one queue, but "${maskAddress(extra)}" follows.`, USAGE);
  const settings = mergeLayers(layers);
  const values = valuesIn(settings);
  if (word !== undefined && layers[0]?.has('queue') === true)
    throw new UsageError('The queue is given twice: as a word, and by --queue.', 'Give one of the two.');
  const queue = word ?? values.queue;
  if (typeof queue !== 'string') throw new UsageError('No queue is given.', USAGE);
  const own = engineOptions(settings, 'worker');
  return {
    command: 'worker',
    queue,
    own,
    allowSource: textsOf(values.allowSource),
    allowDestination: textsOf(values.allowDestination),
    verbose: values.verbose === true,
    quiet: isQuiet(values.quiet),
    settings,
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
