import type { S3Server } from 'fake-s3';

/**
 * Objects that a server stored in a second, by its own record.
 * @param share count only this share of them, from the first: on a short run the last retries weigh too much
 */
export function objectsPerSecond({ requests }: Pick<S3Server, 'requests'>, share = 1): number {
  const puts = requests.filter(({ verb }) => verb === 'PutObject');
  const stored = puts.filter(({ status }) => status === 200);
  const counted = stored.slice(0, Math.ceil(stored.length * share));
  return (counted.length / ((counted.at(-1)?.at ?? 0) - (puts[0]?.at ?? 0))) * 1_000;
}
