// Runs the gulpfile of this folder twice, with an S3 server inside this program: `npm run demo:gulp`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { startS3Server } from '../../test/fake-s3/src/index.js';

const GULP = path.join(path.dirname(createRequire(import.meta.url).resolve('gulp')), 'bin/gulp.js');
const server = await startS3Server({ buckets: ['demo'] });

async function deploy(title: string): Promise<number> {
  console.log(`\n── ${title}\n`);
  server.clearRequests();
  const env = {
    ...process.env,
    S3_BUCKET: 'demo',
    S3_ENDPOINT: server.url,
    AWS_REGION: server.region,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
  const child = spawn(process.execPath, [GULP, 'deploy'], { cwd: import.meta.dirname, env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, 'gulp exits with 0');
  return server.count('PutObject');
}

try {
  assert.ok((await deploy('1. gulp builds the site and puts all of it')) > 0);
  assert.equal(server.object('demo', 'wasm/price.wasm')?.headers['content-type'], 'application/wasm');
  assert.equal(await deploy('2. Again: nothing has changed, so nothing is sent'), 0);
} finally {
  await server.close();
  rmSync(path.join(import.meta.dirname, 'dist'), { recursive: true, force: true });
}
