import type { Failure } from './hint-row.js';

/**
 * What may be wrong with the name of a bucket of AWS; undefined for a name that fits S3's rule, and where the server may not be AWS. Names are not
 * refused: buckets in us-east-1 that are older than the rule may have capitals and underscores, and ARNs and aliases have rules of their own.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function unlikelyName({ bucket = '', settings }: Failure): string | undefined {
  if (settings === undefined || settings.endpointUrl !== undefined) return undefined;
  if (bucket === '' || bucket.includes(':') || fitsRule(bucket)) return undefined;
  const near = nearName(bucket);
  const meant = near === undefined ? '' : ` Is "${near}" meant?`;
  return `"${bucket}" is hardly the name of a bucket of AWS: that is 3 to 63 small letters, digits, dots and hyphens; only old ones in us-east-1 have others.${meant}`;
}

function fitsRule(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
}

/** The nearest name that fits the rule, where there is one. */
function nearName(name: string): string | undefined {
  const near = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^[.-]+|[.-]+$/g, '');
  return fitsRule(near) ? near : undefined;
}
