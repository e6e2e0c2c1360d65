import { S3RequestError } from '../../errors.js';
import type { Entry } from '../../source/entry.js';
import type { PartsDeps } from './parts-deps.js';

/** Headers of a put that a HEAD shows again as they were sent. */
const SHOWN =
  /^(?:content-(?:type|encoding|language|disposition)|cache-control|expires|x-amz-meta-.*|x-amz-storage-class|x-amz-website-redirect-location|x-amz-server-side-encryption)$/;

/** The upload was adopted by its parts alone: shows by HEAD whether the object has the headers now wanted. Throws where it has not. */
export async function checkHeaders(
  { bucket, signal }: Pick<PartsDeps, 'bucket' | 'signal'>,
  { key }: Pick<Entry, 'key'>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const shown = (await bucket.headObject(key, signal))?.headers ?? {};
  const wanted = Object.keys(headers).filter((name) => SHOWN.test(name));
  const lacking = wanted.filter((name) => (shown[name] ?? usual(name)) !== headers[name]);
  const stray = Object.keys(shown).filter(
    (name) => KEPT.test(name) && headers[name] === undefined && !isUsual(name, shown[name]),
  );
  const differing = [...lacking, ...stray];
  if (differing.length === 0) return;
  const message = `s3://${bucket.name}/${key} was completed from an upload that an earlier run had begun with other headers: ${differing.join(', ')}`;
  const hint = "The bytes are right. Put it again with mode stupid and resume 'off' for the headers.";
  throw new S3RequestError(message, {
    code: 'HeadersDiffer',
    verb: 'HeadObject',
    bucket: bucket.name,
    key,
    status: 200,
    hint,
  });
}

/** Headers of an object that somebody must have asked for; encryption can come from the bucket. */
const KEPT =
  /^(?:content-(?:encoding|language|disposition)|cache-control|expires|x-amz-meta-.*|x-amz-storage-class|x-amz-website-redirect-location|x-amz-tagging-count|x-amz-object-lock-.*)$/;

function isUsual(name: string, value: string | undefined): boolean {
  return value === usual(name) || (name === 'x-amz-tagging-count' && value === '0');
}

/** Has it headers that neither an unfinished upload nor a HEAD of the object shows: an ACL, tags, a lock, a KMS key? */
export function hasHidden(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => !SHOWN.test(name));
}

/** S3 does not name the storage class that is the default. */
function usual(name: string): string | undefined {
  return name === 'x-amz-storage-class' ? 'STANDARD' : undefined;
}
