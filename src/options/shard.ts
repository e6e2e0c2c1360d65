import { UsageError } from '../errors.js';
import { MOST_SHARDS, type Shard } from '../model/shard.js';
import { msg, option, type Text } from '../report/message.js';
import { shown, wholeNumber } from './validate.js';

const EXAMPLE =
  "Write the number of the shard, a slash and the number of all shards, as in '1/4', '2/4', '3/4' and '4/4'.";

/** Checks the option. Throws `UsageError` with the value. */
export function shardOption(value: unknown): Shard | undefined {
  if (value === undefined) return undefined;
  const [, first = '', second = ''] = (typeof value === 'string' && /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(value)) || [];
  const wrong = (problem: string): UsageError => new UsageError(msg`{shard} is ${shown(value)}, ${problem}.`, EXAMPLE);
  if (first === '') throw wrong('which is no shard');
  const [index, count] = [Number(first), Number(second)];
  if (count < 1 || count > MOST_SHARDS) throw wrong(`and there can be from 1 to ${MOST_SHARDS} shards`);
  if (index < 1) throw wrong('and shards are counted from 1');
  if (index > count) throw wrong(`and there is no shard ${index} of ${count}`);
  return { index, count };
}

/** Checks how many shards there are. Throws `UsageError`. */
export function shardsOption(value: unknown): number {
  const count = wholeNumber('shards', value, 'give the number of all shards, which each of them has after its slash');
  if (count <= MOST_SHARDS) return count;
  throw new UsageError(msg`{shards} is ${count}; there can be from 1 to ${MOST_SHARDS} shards.`);
}

/** Options of a put that need all of its files, in the order of messages. */
const PUT_AS_A_WHOLE = [
  'delete',
  'deleteAfter',
  'maxDelete',
  'protect',
  'listStrays',
  'cloudfrontDistributionId',
  'invalidationPaths',
  'verifyUrl',
  'checkLinks',
] as const;

const COPY_AS_A_WHOLE = ['delete', 'maxDelete', 'protect', 'listStrays'] as const;

/** Throws `UsageError` for an option of a put that only `finish` can carry out. */
export function refuseInShard(options: object): void {
  refuse(
    options,
    PUT_AS_A_WHOLE,
    (name) =>
      msg`Leave ${option(name)} out here, and give it to the command "finish", which runs once after all shards.`,
  );
}

/** The same for a copy. */
export function refuseInCopyShard(options: object): void {
  refuse(
    options,
    COPY_AS_A_WHOLE,
    (name) =>
      msg`Leave ${option(name)} out here, and run the copy once more with {delete} and without {shard}, after all shards.`,
  );
}

function refuse(options: object, names: readonly string[], fix: (name: string) => Text): void {
  const given = names.find((name) => isGiven((options as Readonly<Record<string, unknown>>)[name]));
  if (given === undefined) return;
  throw new UsageError(
    msg`${option(given)} cannot be used with {shard}: a shard has only a part of the keys, and ${option(given)} is about all of them.`,
    fix(given),
  );
}

/** Whether a value asks for something: written-out defaults do not. */
function isGiven(value: unknown): boolean {
  if (value === undefined || value === false || value === 'off' || value === 'auto') return false;
  return !(Array.isArray(value) && value.length === 0);
}
