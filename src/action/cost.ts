import type { Verb } from '../report/event.js';
import type { Report } from '../report/report.js';
import { number } from '../report/text.js';

/**
 * Dollars per request by its tier, of S3 Standard in us-east-1. Aborting is free.
 * @see https://aws.amazon.com/s3/pricing/
 */
const PRICES = { write: 0.005 / 1_000, read: 0.0004 / 1_000, free: 0 } as const;

const TIERS: Readonly<Record<Verb, keyof typeof PRICES>> = {
  PutObject: 'write',
  CopyObject: 'write',
  CreateMultipartUpload: 'write',
  UploadPart: 'write',
  UploadPartCopy: 'write',
  CompleteMultipartUpload: 'write',
  ListObjectsV2: 'write',
  ListParts: 'write',
  ListMultipartUploads: 'write',
  GetObject: 'read',
  GetObjectTagging: 'read',
  GetObjectAcl: 'read',
  HeadObject: 'read',
  AbortMultipartUpload: 'free',
};

/** What the requests of a run cost at AWS, as a sentence; undefined where none was made. */
export function costText(requests: Report['requests']): string | undefined {
  const counts = { write: 0, read: 0, free: 0 };
  for (const [verb, count] of Object.entries(requests)) counts[TIERS[verb as Verb]] += count;
  const { write, read } = counts;
  if (write + read === 0) return undefined;
  const kinds = [
    ...(write > 0 ? [`${number(write)} PUT, COPY, POST and LIST`] : []),
    ...(read > 0 ? [`${number(read)} GET and HEAD`] : []),
  ];
  const price = dollarsText(write * PRICES.write + read * PRICES.read);
  return `Estimated cost of requests: ${price} (${kinds.join('; ')}; at the prices of S3 Standard in us-east-1).`;
}

function dollarsText(dollars: number): string {
  if (dollars < 0.01) return 'less than a cent';
  const cents = Math.round(dollars * 100);
  return `about $${number(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}
