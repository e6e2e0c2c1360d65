import type { S3Server, SeedOptions } from 'fake-s3';
import type { PutOptions } from '../../src/index.js';
import type { PutInternals } from '../../src/open-put.js';
import { IMPATIENT, type Ran, run } from './engine.js';

/** What HEAD returns of an object's headers. */
export function headersOf(server: S3Server, key: string): Readonly<Record<string, string>> {
  return server.object('site', key)?.headers ?? {};
}

/** Runs a put that compares headers. */
export function runUpdate(
  server: S3Server,
  options: Partial<PutOptions> & Pick<PutOptions, 'source'>,
  internals: PutInternals = IMPATIENT,
): Promise<Ran> {
  return run(server, { updateHeaders: true, ...options }, internals);
}

/** Puts an object into the bucket as an earlier deploy has left it. */
export function seedSite(server: S3Server, key: string, body: string | Buffer, options: SeedOptions = {}): void {
  server.seed('site', key, body, { ...options, headers: { 'content-type': TEXT, ...options.headers } });
}

export const TEXT = 'text/plain; charset=utf-8';

export function warningsOf({ events }: Ran): readonly { readonly code: string; readonly message: string }[] {
  return events.flatMap((event) =>
    event.type === 'warning' ? [{ code: event.code, message: String(event.message) }] : [],
  );
}
