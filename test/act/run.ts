// Runs test/act/workflow.yml by act, without a container, against the embedded S3 server: `npm run test:act`, by hand. Needs act in PATH
// (go install github.com/nektos/act@v0.2.89), git, and Node 24 first in PATH: act runs an Action by the node it finds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { startS3Server } from 'fake-s3';

const ROOT = path.resolve(import.meta.dirname, '../..');
const server = await startS3Server({ buckets: ['site'] });
try {
  const { url, accessKeyId, secretAccessKey } = server;
  const args = ['push', '-P', 'ubuntu-latest=-self-hosted', '-W', 'test/act/workflow.yml', '--env', `S3_URL=${url}`];
  const secrets = ['-s', `S3_KEY=${accessKeyId}`, '-s', `S3_SECRET=${secretAccessKey}`];
  const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' };
  let log = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const act = spawn('act', [...args, ...secrets], { cwd: ROOT, env });
    for (const stream of [act.stdout, act.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        process.stdout.write(text);
        log += text;
      });
    act.once('error', reject);
    act.once('close', resolve);
  });
  assert.equal(code, 0, 'act ends well');
  assert.match(
    log,
    /first changed=true url=https:\/\/www\.example\.com\/docs\/ again changed=false wrong=failure node=v24/,
  );
  assert.ok(!log.includes(secretAccessKey), 'the secret is masked');
  assert.ok(server.keys('site').includes('docs/.well-known/security.txt'));
  assert.equal(server.object('site', 'docs/index.html')?.headers['cache-control'], 'no-cache');
  console.log(`act: ${server.keys('site').length} objects are in the bucket.`);
} finally {
  await server.close();
}
