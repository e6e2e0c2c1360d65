import type { Sink } from './sinks/sink.js';
import type { RealServer } from './sinks/versitygw.js';
import { changeTree, md5sOf, type Tree } from './tree.js';
import type { Workload } from './workloads.js';

/** Makes each run of a workload begin with the same state, and looks at what it left. */
export interface Stage {
  readonly sink: Sink;
  /** The bucket that is copied from. */
  readonly from?: string;
  /** Objects that a run must put. */
  readonly sent: number;
  /** Before a run, outside of its time: the bucket that it uses. */
  before(turn: number): Promise<string>;
  /** After it: what is wrong with what is there now. */
  after(bucket: string): Promise<string | undefined>;
}

/** A sink that keeps nothing. */
export function byteStage(sink: Sink, { names }: Tree): Stage {
  return { sink, sent: names.length, before: async () => 's3pp-bench', after: async () => undefined };
}

/** A real server. Objects and files must be equal after each run. */
export async function realStage(sink: RealServer, { name, kind, copies }: Workload, tree: Tree): Promise<Stage> {
  const { buckets } = sink;
  const source = copies === true ? { from: `s3pp-bench-${name}-from` } : {};
  if (source.from !== undefined) {
    await buckets.make(source.from);
    await buckets.fill(source.from, tree.folder);
  }
  const compare = async (bucket: string): Promise<string | undefined> => {
    const objects = await buckets.contents(bucket);
    const wrong = [...md5sOf(tree)].filter(([key, md5]) => objects.get(key) !== md5).length;
    if (wrong > 0) return `${wrong} of ${tree.names.length} objects missing or different`;
    const more = objects.size - tree.names.length;
    return more === 0 ? undefined : `${more} objects too many`;
  };
  if (kind === 'put') {
    return {
      sink,
      ...source,
      sent: tree.names.length,
      async before(turn) {
        const bucket = `s3pp-bench-${name}-${turn}`;
        await buckets.make(bucket);
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
  await buckets.make(bucket);
  await buckets.fill(bucket, tree.folder);
  const every = kind === 'changed' ? tree.names.filter((_, file) => file % 100 === 0).length : 0;
  return {
    sink,
    ...source,
    sent: every,
    async before(turn) {
      // Peers compare times in seconds: the changed files must be younger than the objects by more than one.
      if (kind === 'changed') {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        changeTree(tree, turn);
      }
      return bucket;
    },
    after: compare,
  };
}
