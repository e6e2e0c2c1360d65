// The smallest program with client-s3 and p-map: reads each file and puts it. With "compare" it also compares the ETag of the response.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join, relative } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';

const [folder, Bucket, endpoint, inFlight, comparing] = process.argv.slice(2);
const concurrency = Number(inFlight);
const agent = { keepAlive: true, maxSockets: concurrency };
const client = new S3Client({
  endpoint,
  forcePathStyle: true,
  requestHandler: { httpAgent: new HttpAgent(agent), httpsAgent: new HttpsAgent(agent) },
});

const found = await readdir(folder, { recursive: true, withFileTypes: true });
const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
await pMap(
  files,
  async (file) => {
    const Body = await readFile(file);
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: relative(folder, file), Body }));
    if (comparing !== 'compare') return;
    const md5 = createHash('md5').update(Body).digest('hex');
    if (ETag !== `"${md5}"`) throw new Error(`${file}: the ETag is ${ETag}, not ${md5}`);
  },
  { concurrency },
);
