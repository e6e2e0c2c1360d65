// The API on one page. Without arguments it uses an S3 server inside this program:
//   npx tsx examples/api.ts
// With arguments it uses your server, and the credentials that all AWS tools use:
//   npx tsx examples/api.ts dist s3://my-site/docs [https://endpoint]
import path from 'node:path';
import { startS3Server } from 'fake-s3';
import { AbortError, PartialFailureError, type PutOptions, put } from '../src/index.js'; // in your program: from 's3-parallel-put'

const [source = path.join(import.meta.dirname, 'site'), bucket, endpointUrl] = process.argv.slice(2);
const server = bucket === undefined ? await startS3Server({ buckets: ['example'] }) : undefined;
const connection: Pick<PutOptions, 'bucket' | 'endpointUrl' | 'credentials'> =
  server === undefined
    ? { bucket: bucket ?? '', endpointUrl }
    : { bucket: 's3://example/docs', endpointUrl: server.url, credentials: server };

const interrupt = new AbortController();
const onInterrupt = (): void => interrupt.abort(new Error('Ctrl-C'));
process.once('SIGINT', onInterrupt);

try {
  // Throws at once for wrong options. The run starts immediately; `await put(…)` is enough if you need only the report.
  const job = put({
    ...connection,
    source,
    mode: 'update',
    exclude: ['*.map', 'drafts/'],
    preset: 'site',
    headers: ({ relativePath }) =>
      relativePath.startsWith('images/') ? { 'cache-control': 'public, max-age=86400' } : undefined,
    metadata: { release: '2026.11' },
    signal: AbortSignal.any([interrupt.signal, AbortSignal.timeout(10 * 60_000)]),
    onEvent: (event) => {
      if (event.type === 'retry') console.error(`${event.error.message}; again in ${event.delayMs} ms`);
    },
  });

  for await (const { action, key, reason } of job) console.log(`${action.padEnd(5)} ${key} (${reason})`);

  const { counts, bytes, seconds } = await job;
  console.log(
    `${counts.put} put, headers of ${counts.metadata} changed, ${counts.skip} skipped, ${bytes} bytes in ${seconds.toFixed(2)} s`,
  );
} catch (error) {
  process.exitCode = 1;
  if (error instanceof PartialFailureError) {
    // The other objects were put. `message` says what failed; `hint`, if there is one, how to fix it.
    for (const { key, message, hint } of error.failures) console.error(`${key}: ${message} ${hint ?? ''}`);
  } else if (error instanceof AbortError) {
    console.error(`Stopped (${error.cause}) after ${error.report.counts.put} objects.`);
  } else if (error instanceof Error && 'hint' in error) {
    // UsageError, RefusedError and RunStoppedError: one message for the whole run.
    console.error(`${error.message} ${error.hint ?? ''}`);
  } else {
    throw error;
  }
} finally {
  process.removeListener('SIGINT', onInterrupt);
  await server?.close();
}
