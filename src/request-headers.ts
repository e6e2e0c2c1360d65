import { UsageError } from './errors.js';
import { flag } from './option-checks.js';
import type { PutOptions } from './put-options.js';

/**
 * Headers that every request of a run carries, those that only read too: they belong to the bucket, not to objects.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 * @throws UsageError for an owner that is no account id
 */
export function requestHeaders(
  options: Pick<PutOptions, 'requestPayer' | 'expectedBucketOwner'>,
  name = 'expectedBucketOwner',
): Readonly<Record<string, string>> {
  const owner: unknown = options.expectedBucketOwner;
  if (owner !== undefined && (typeof owner !== 'string' || !/^\d{12}$/.test(owner))) {
    throw new UsageError(
      `${name} is ${JSON.stringify(owner)}; it must be an AWS account id.`,
      'Give its 12 digits as text, such as "111122223333".',
    );
  }
  return {
    ...(flag('requestPayer', options.requestPayer, false) && { 'x-amz-request-payer': 'requester' }),
    ...(owner !== undefined && { 'x-amz-expected-bucket-owner': owner }),
  };
}
