import { counted, number } from './format.js';
import type { Report } from './types.js';

/** What a run that is one of several has done, as lines of its summary; none for any other run. */
export function shardLines({ shard, finish }: Report): readonly string[] {
  if (finish !== undefined) return [`Shards done: ${number(finish.shards)} of ${number(finish.shards)}.`];
  if (shard === undefined) return [];
  const { index, count, own, objects, left } = shard;
  const part = `Shard ${index} of ${count}: ${number(own)} of ${counted(objects, 'object', 'objects')} of the source.`;
  if (left === 0) return [part];
  return [`${part} ${counted(left, 'page is', 'pages are')} left to the command "finish".`];
}
