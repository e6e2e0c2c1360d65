import { partsOf } from '../../etag-parts.js';
import type { RemoteObject } from '../../s3/bucket.js';
import type { CopyEntry } from '../../source/bucket-source.js';
import { evenLayout, type Layout, unevenLayout } from '../parts/layout.js';
import { ChangedWhileRead } from '../parts/part-bytes.js';
import type { CopyDeps } from './copy-deps.js';

/** HEADs of one object that are under way at once. */
const AT_ONCE = 16;
const WHY = 'parts of the source';

/**
 * How the parts of the source lie, by HEADs of its first, middle and last one, or of each where these differ; undefined where the server does not
 * tell.
 * @param exact ask for each in any case
 * @param head of the first part, where there was one
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function sourceLayout(
  deps: CopyDeps,
  entry: CopyEntry,
  exact: boolean,
  head?: RemoteObject,
): Promise<Layout | undefined> {
  const count = partsOf(entry.etag);
  if (count === undefined) return undefined;
  const { size } = entry;
  if (count === 1) return evenLayout(size, size);
  const first = head ?? (await headPart(deps, entry, 1));
  if (Number(first.headers?.['x-amz-mp-parts-count']) !== count) return undefined;
  if (count === 2) return unevenLayout([first.size, size - first.size]);
  if (!exact && first.size * (count - 1) < size && size <= first.size * count) {
    const [middle, last] = await Promise.all([
      headPart(deps, entry, Math.ceil(count / 2)),
      headPart(deps, entry, count),
    ]);
    if (middle.size === first.size && last.size === size - first.size * (count - 1))
      return evenLayout(size, first.size);
  }
  const sizes = [first.size];
  for (let from = 2; from <= count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from + 1) }, (_, index) => from + index);
    for (const part of await Promise.all(numbers.map((number) => headPart(deps, entry, number)))) sizes.push(part.size);
  }
  const layout = unevenLayout(sizes);
  return layout.size === size ? layout : undefined;
}

/** A HEAD of one part, which tells the object's headers too. Throws `ChangedWhileRead` where it is not the object that was listed. */
export async function headPart(deps: CopyDeps, entry: CopyEntry, partNumber: number): Promise<RemoteObject> {
  const { sourceKey, versionId, etag, origin } = entry;
  deps.asked(WHY);
  const part = await deps.source.headObject(sourceKey, deps.signal, { partNumber, versionId });
  if (part === undefined || part.etag !== etag) throw new ChangedWhileRead(origin);
  return part;
}
