// Puts a folder with Bun's own S3 client: `bun run bun-s3.js folder bucket url concurrency`. Bun trusts NODE_EXTRA_CA_CERTS.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, bucket, endpoint, concurrency] = process.argv.slice(2);
const client = new Bun.S3Client({ bucket, endpoint });
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .values();
const work = async () => {
  for (const file of files) await client.write(relative(folder, file), Bun.file(file));
};
await Promise.all(Array.from({ length: Number(concurrency) }, work));
