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

/**
 * Cuts lines into manifests of at most `most` bytes each.
 * @returns for each manifest its bytes, and how many lines it has
 */
export function manifestsOf(lines: Iterable<string>, most: number): readonly { body: Buffer; lines: number }[] {
  const manifests: { body: Buffer; lines: number }[] = [];
  let open: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (open.length === 0) return;
    manifests.push({ body: Buffer.from(open.join('')), lines: open.length });
    open = [];
    bytes = 0;
  };
  for (const line of lines) {
    // The lines are ASCII.
    if (bytes + line.length > most) close();
    open.push(line);
    bytes += line.length;
  }
  close();
  return manifests;
}
