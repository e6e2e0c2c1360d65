import { type ConfigLayer, engineOptions, mergeLayers, valuesIn } from '../config/layers.js';
import type { DeleteObjectsOptions, DeletionPlan } from '../delete.js';
import { UsageError } from '../errors.js';
import { counted, formatBytes, number, printable } from '../report/format.js';
import { shorten } from '../report/message.js';
import { bucketOperand } from './operands.js';
import { canAsk } from './output/ask.js';
import { type OutputOptions, outputOptions } from './output/lines.js';

/** A command line with the command `delete`. */
export interface ParsedDelete {
  readonly command: 'delete';
  readonly options: DeleteObjectsOptions;
  readonly output: OutputOptions;
  /** The options, with where each was given. */
  readonly settings: ConfigLayer;
  /** Delete without asking. */
  readonly yes: boolean;
}

/**
 * Merges the options of the command; the first of `layers` is the command line, which alone says what is deleted. Throws `UsageError`, also where
 * nobody can be asked.
 */
export function parseDelete(words: readonly string[], layers: readonly ConfigLayer[]): ParsedDelete {
  const [own = new Map(), ...below] = layers;
  const destination = bucketOperand(words, 'delete');
  if (destination !== undefined && own.has('bucket'))
    throw new UsageError('The bucket is given twice: as a word, and by --bucket.', 'Give one of the two.');
  const place: ConfigLayer = new Map(
    destination === undefined ? [] : [['bucket', { value: destination, from: 'command line' }]],
  );
  const settings = mergeLayers([new Map([...own, ...place]), ...below]);
  const values = valuesIn(settings);
  if (typeof values.bucket !== 'string')
    throw new UsageError(
      'The command line does not say what is deleted.',
      'Write s3-parallel-put delete s3://bucket/prefix/. Variables and config files do not count: they say where an upload goes.',
    );
  const yes = values.yes === true;
  if (!yes && values.dryRun !== true && !canAsk())
    throw new UsageError(
      'There is no terminal for the question whether to delete, so nothing was deleted.',
      'Add --yes to delete without a question, or -n to see what would be deleted.',
    );
  const options = { ...engineOptions(settings, 'delete'), bucket: values.bucket };
  return { command: 'delete', options, output: outputOptions(settings), settings, yes };
}

/** What is about to be deleted, and the question. */
export function deleteQuestion({ count, bytes, address, examples }: DeletionPlan): string {
  const names = examples.map((key) => `  ${printable(shorten(key))}\n`).join('');
  const rest = count - examples.length;
  const more = rest > 0 ? `  and ${number(rest)} more\n` : '';
  const what = `${counted(count, 'object', 'objects')} (${formatBytes(bytes)}) below ${printable(address)}`;
  return `${names}${more}Delete ${what}? [y/N] `;
}
