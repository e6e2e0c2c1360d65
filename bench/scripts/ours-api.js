import { put } from '../../dist/lib/index.js';

const [source, bucket, endpointUrl, concurrency, mode] = process.argv.slice(2);
await put({ source, bucket, endpointUrl, mode, concurrency: Number(concurrency), forcePathStyle: true });
