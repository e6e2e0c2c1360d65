import type { S3Server } from './s3-server/index.js';

/** Objects that a server stored in a second, from the first attempt to the last that it let pass. */
export function objectsPerSecond({ requests }: Pick<S3Server, 'requests'>): number {
  const puts = requests.filter(({ verb }) => verb === 'PutObject');
  const stored = puts.filter(({ status }) => status === 200);
  return (stored.length / ((stored.at(-1)?.at ?? 0) - (puts[0]?.at ?? 0))) * 1_000;
}
