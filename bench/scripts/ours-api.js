import { put } from '../../dist/lib/index.js';

const [source, bucket, endpointUrl, concurrency, mode, checksum = 'auto'] = process.argv.slice(2);
await put({ source, bucket, endpointUrl, mode, checksum, concurrency: Number(concurrency), forcePathStyle: true });
