import type { Sink } from './sinks/sink.js';
import type { RealServer } from './sinks/versitygw.js';
import { changeTree, md5sOf, type Tree } from './tree.js';
import type { Workload } from './workloads.js';

/** Gives each run of a workload the same initial state, and checks the result. */
export interface Stage {
  readonly sink: Sink;
  /** Source bucket of a copy. */
  readonly from?: string;
  /** Objects that a run must put. */
  readonly sent: number;
  /** Prepares a run, outside of the measured time; returns its bucket. */
  before(turn: number): Promise<string>;
  /** Checks the bucket after a run; returns the problem, if there is one. */
  after(bucket: string): Promise<string | undefined>;
}

/** For a sink that stores nothing. */
export function byteStage(sink: Sink, { names }: Tree): Stage {
  return { sink, sent: names.length, before: async () => 's3pp-bench', after: async () => undefined };
}

/** For a real server. Objects and files must be equal after each run. */
export async function realStage(sink: RealServer, { name, kind, copies }: Workload, tree: Tree): Promise<Stage> {
  const { buckets } = sink;
  const source = copies === true ? { from: `s3pp-bench-${name}-from` } : {};
  if (source.from !== undefined) {
    await buckets.create(source.from);
    await buckets.fill(source.from, tree.folder);
  }
  const compare = async (bucket: string): Promise<string | undefined> => {
    const objects = await buckets.contents(bucket);
    const wrong = [...md5sOf(tree)].filter(([key, md5]) => objects.get(key) !== md5).length;
    if (wrong > 0) return `${wrong} of ${tree.names.length} objects missing or different`;
    const extra = objects.size - tree.names.length;
    return extra === 0 ? undefined : `${extra} objects too many`;
  };
  if (kind === 'put') {
    return {
      sink,
      ...source,
      sent: tree.names.length,
      async before(turn) {
        const bucket = `s3pp-bench-${name}-${turn}`;
        await buckets.create(bucket);
        return bucket;
      },
      async after(bucket) {
        const problem = await compare(bucket);
        await buckets.remove(bucket);
        return problem;
      },
    };
  }
  const bucket = `s3pp-bench-${name}`;
  await buckets.create(bucket);
  await buckets.fill(bucket, tree.folder);
  const changed = kind === 'changed' ? tree.names.filter((_, file) => file % 100 === 0).length : 0;
  return {
    sink,
    ...source,
    sent: changed,
    async before(turn) {
      // Peers compare times in seconds: the changed files must be newer than the objects by more than one second.
      if (kind === 'changed') {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        changeTree(tree, turn);
      }
      return bucket;
    },
    after: compare,
  };
}
