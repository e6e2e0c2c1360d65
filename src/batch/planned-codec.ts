import type { HeaderMap } from '../options/types.js';
import type { CopyPaths } from '../plan/copy-paths.js';
import type { RemoteState } from '../plan/decide.js';
import type { RemoteObject } from '../s3/bucket.js';
import { originOf } from '../source/bucket.js';
import type { PlannedCopy } from '../transfer/copy/settle.js';
import type { PutDecision } from '../transfer/result.js';
import type { Candidate } from './candidates.js';
import type { Codec } from './spool.js';

type Paths = Pick<CopyPaths, 'sourceBucket' | 'base' | 'prefix'>;

/** A planned copy without what follows from the rest, as JSON. */
type PlannedRow = readonly [
  sourceKey: string,
  versionId: string | null | undefined,
  size: number,
  etag: string | null | undefined,
  modified: number | null | undefined,
  storageClass: string | null | undefined,
  decision: PutDecision,
  remote: RemoteState,
  head?: RemoteObject | null | undefined,
];

type CandidateRow = readonly [planned: PlannedRow, versionId: string | null | undefined, headers: HeaderMap];

function packPlanned({ entry, decision, remote }: PlannedCopy): PlannedRow {
  const { sourceKey, versionId, size, etag, modified, storageClass, head } = entry;
  const row = [sourceKey, versionId, size, etag, modified, storageClass, decision, remote] as const;
  return head === undefined ? row : [...row, head];
}

function unpackPlanned(row: PlannedRow, { sourceBucket, base, prefix }: Paths): PlannedCopy {
  const [sourceKey, version, size, etag, modified, storageClass, decision, remote, head] = row;
  const key = prefix + sourceKey.slice(base.length);
  const versionId = version ?? undefined;
  const origin = originOf(sourceBucket, sourceKey, versionId);
  const known = {
    size,
    etag: etag ?? undefined,
    modified: modified ?? undefined,
    storageClass: storageClass ?? undefined,
    ...(head !== undefined && head !== null && { head }),
  };
  const entry = { kind: 'entry', key, origin, sourceKey, versionId, ...known } as const;
  return { kind: 'entry', key, origin, size, entry, decision, remote };
}

/** How planned copies of one run are kept in a file. Their decisions hold no conditions on ETags, which are functions. */
export function plannedCodec(paths: Paths): Codec<PlannedCopy> {
  return { pack: packPlanned, unpack: (row) => unpackPlanned(row as PlannedRow, paths) };
}

export function candidateCodec(paths: Paths): Codec<Candidate> {
  return {
    pack: ({ planned, versionId, headers }): CandidateRow => [packPlanned(planned), versionId, headers],
    unpack(row) {
      const [planned, versionId, headers] = row as CandidateRow;
      return { planned: unpackPlanned(planned, paths), versionId: versionId ?? undefined, headers };
    },
  };
}
