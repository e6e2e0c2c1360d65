import { copy, put } from '../../dist/lib/index.js';

const [source, bucket, endpointUrl, concurrency, mode, checksum = 'auto'] = process.argv.slice(2);
const options = { source, endpointUrl, mode, checksum, concurrency: Number(concurrency), forcePathStyle: true };
if (source.startsWith('s3://')) await copy({ ...options, destination: `s3://${bucket}` });
else await put({ ...options, bucket });
