import { encodeKey } from '../s3/sign.js';

/** A key of a manifest, or a line of a completion report. */
export interface ManifestKey {
  readonly key: string;
  /** Undefined for a manifest without versions. */
  readonly versionId?: string | undefined;
}

/**
 * A line of a manifest: `bucket,key` or `bucket,key,version`. Keys are percent-encoded, so that no line needs quotes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/specify-batchjob-manifest.html
 */
export function manifestLine(bucket: string, { key, versionId }: ManifestKey): string {
  const version = versionId === undefined ? '' : `,${encodeURIComponent(versionId)}`;
  return `${bucket},${encodeKey(key)}${version}\n`;
}

/** Joins lines to pieces of at least so many bytes each; only the last one may have fewer. */
export function* piecesOf(lines: Iterable<string>, least: number): Generator<Buffer, void> {
  let open: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    open.push(line);
    // The lines are ASCII.
    bytes += line.length;
    if (bytes < least) continue;
    yield Buffer.from(open.join(''));
    open = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.from(open.join(''));
}
