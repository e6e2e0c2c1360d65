import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { S3SyncClient } from 's3-sync-client';

const [folder, bucket, endpoint, inFlight] = process.argv.slice(2);
const maxConcurrentTransfers = Number(inFlight);
const agent = { keepAlive: true, maxSockets: maxConcurrentTransfers };
const client = new S3Client({
  endpoint,
  forcePathStyle: true,
  requestHandler: { httpAgent: new HttpAgent(agent), httpsAgent: new HttpsAgent(agent) },
});
await new S3SyncClient({ client }).sync(folder, `s3://${bucket}`, { maxConcurrentTransfers });
