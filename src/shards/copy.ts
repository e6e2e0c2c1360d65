import { isOfShard, SHARD_SCHEME } from '../model/shard.js';
import type { ReportShard } from '../report/types.js';
import { locationUnopened } from '../s3/open.js';
import type { PreparedCopy } from '../transfer/copy/context.js';

/** The part of a copy that one of several runs carries out. It needs no `finish`: a copy has no order, and no pages. */
export interface CopyShare {
  /** Whether this run copies an object, by its key in the destination. */
  readonly owns: (key: string) => boolean;
  readonly onOther: () => void;
  /** How many objects other runs copy, as far as the source was listed. */
  readonly others: () => number;
  /** @param own how many objects this run has settled */
  readonly report: (own: number) => ReportShard;
}

/** Undefined for a copy of everything. */
export function shareOfCopy({
  shard,
  paths,
  dest,
}: Pick<PreparedCopy, 'shard' | 'paths' | 'dest'>): CopyShare | undefined {
  if (shard === undefined) return undefined;
  const { endpoint } = locationUnopened(dest);
  const facts = {
    ...shard,
    scheme: SHARD_SCHEME,
    command: 'copy',
    destination: `s3://${paths.bucket}/${paths.prefix}`,
    ...(endpoint !== undefined && { endpoint }),
  } as const;
  let others = 0;
  return {
    owns: (key) => isOfShard(key, shard),
    onOther() {
      others += 1;
    },
    others: () => others,
    report: (own) => ({ ...facts, objects: own + others, own, left: 0 }),
  };
}
