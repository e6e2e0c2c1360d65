import { counted, number } from './format.js';
import type { Report, ReportFinish } from './types.js';

/** What a run that is one of several has done, as lines of its summary; none for any other run. */
export function shardLines({ shard, finish }: Report): readonly string[] {
  if (finish !== undefined) return finishLines(finish);
  if (shard === undefined) return [];
  const { index, count, own, objects, left } = shard;
  const part = `Shard ${index} of ${count}: ${number(own)} of ${counted(objects, 'object', 'objects')} of the source.`;
  if (left === 0) return [part];
  return [`${part} ${counted(left, 'page is', 'pages are')} left to the command "finish".`];
}

function finishLines({ shards, changed, truncated, dryRun }: ReportFinish): readonly string[] {
  const done = `Shards done: ${number(shards)} of ${number(shards)}.`;
  if (changed === 0 && truncated !== true) return [done];
  if (changed === 0) return [done, 'It is not known how many objects they have changed.'];
  const least = truncated === true ? 'at least ' : '';
  return [
    done,
    `They ${dryRun === true ? 'would change' : 'have changed'} ${least}${counted(changed, 'object', 'objects')}.`,
  ];
}
