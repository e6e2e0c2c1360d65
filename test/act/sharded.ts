// Runs examples/workflows/sharded.yml by act, without a container, against the embedded S3 server: `npm run test:act`, by hand, with the same needs as
// run.ts. The build, the role and GitHub's service for artifacts are not there: files of examples/site, keys, and the actions of stand-ins/ take their places.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type S3Server, startS3Server } from 'fake-s3';
import { parse, stringify } from 'yaml';
import { put } from '../../src/index.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SITE = path.join(ROOT, 'examples/site');
const ACTION = 'org/s3-parallel-put@v1';
const BUCKET = 'my-large-site';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const expression = (text: string): string => `\${{ ${text} }}`;

/** The example with what it needs here. */
function adapted(): string {
  const { jobs, ...rest } = parse(readFileSync(path.join(ROOT, 'examples/workflows/sharded.yml'), 'utf8')) as Workflow;
  const steps = (all: readonly Step[]): readonly Step[] =>
    all.flatMap((step): readonly Step[] => {
      if (step.uses?.startsWith('actions/setup-node') || step.run === 'npm ci') return [];
      // The repository has a folder dist of its own.
      if (step.run === 'npm run build') return [{ run: 'cp -R examples/site built' }];
      if (step.with?.path === 'dist' && 'include-hidden-files' in step.with)
        return [{ ...step, with: { ...step.with, path: 'built' } }];
      if (step.uses !== ACTION) return [step];
      const { 'role-to-assume': _role, 'aws-region': _region, ...inputs } = step.with ?? {};
      const keys = {
        'endpoint-url': expression('env.S3_URL'),
        'aws-region': 'us-east-1',
        'aws-access-key-id': expression('secrets.S3_KEY'),
        'aws-secret-access-key': expression('secrets.S3_SECRET'),
      };
      return [{ ...step, with: { ...inputs, ...keys } }];
    });
  return stringify({
    ...rest,
    jobs: Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, { ...job, steps: steps(job.steps) }])),
  });
}

function seed(server: S3Server): void {
  server.createBucket(BUCKET);
  server.seed(BUCKET, 'index.html', 'an older page');
  server.seed(BUCKET, 'gone.css', 'a file that the site no longer has');
}

const folder = mkdtempSync(path.join(tmpdir(), 's3pp-act-'));
const [server, whole] = [await startS3Server(), await startS3Server()];
try {
  seed(server);
  seed(whole);
  // All that GitHub fetches of an Action, without the rest of the repository.
  const action = path.join(folder, 'action');
  mkdirSync(path.join(action, 'dist'), { recursive: true });
  cpSync(path.join(ROOT, 'action.yml'), path.join(action, 'action.yml'));
  cpSync(path.join(ROOT, 'dist/action'), path.join(action, 'dist/action'), { recursive: true });
  const artifacts = path.join(folder, 'artifacts');
  mkdirSync(artifacts);
  const workflow = path.join(folder, 'sharded.yml');
  writeFileSync(workflow, adapted());

  const { url, accessKeyId, secretAccessKey } = server;
  const standIns = path.join(import.meta.dirname, 'stand-ins');
  const local = [
    `${ACTION}=${action}`,
    `actions/upload-artifact@v6=${path.join(standIns, 'upload-artifact')}`,
    `actions/download-artifact@v7=${path.join(standIns, 'download-artifact')}`,
  ].flatMap((one) => ['--local-repository', one]);
  const args = ['push', '-P', 'ubuntu-latest=-self-hosted', '-W', workflow, ...local];
  const given = ['--env', `S3_URL=${url}`, '--env', `ARTIFACTS=${artifacts}`];
  const secrets = ['-s', `S3_KEY=${accessKeyId}`, '-s', `S3_SECRET=${secretAccessKey}`];
  let log = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' };
    const act = spawn('act', [...args, ...given, ...secrets], { cwd: ROOT, env });
    for (const stream of [act.stdout, act.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        process.stdout.write(text);
        log += text;
      });
    act.once('error', reject);
    act.once('close', resolve);
  });
  assert.equal(code, 0, 'act ends well');
  assert.ok(!log.includes(secretAccessKey), 'the secret is masked');
  for (const shard of [1, 2, 3, 4]) assert.match(log, new RegExp(`Shard ${shard} of 4: \\d+ of \\d+ objects`));
  assert.match(log, /Shards done: 4 of 4\./);

  // What one run leaves, by the API.
  const credentials = { accessKeyId: whole.accessKeyId, secretAccessKey: whole.secretAccessKey };
  const options = { endpointUrl: whole.url, region: whole.region, credentials, preset: 'site', order: 'site' } as const;
  await put({ source: SITE, bucket: `s3://${BUCKET}/`, exclude: '*.map', delete: true, ...options });
  assert.deepEqual(server.keys(BUCKET), whole.keys(BUCKET));
  for (const key of whole.keys(BUCKET)) {
    const [one, other] = [whole, server].map((place) => place.object(BUCKET, key));
    assert.deepEqual([other?.body, other?.headers], [one?.body, one?.headers], key);
  }
  console.log(`act: four shards and finish left the ${server.keys(BUCKET).length} objects that one run leaves.`);
} finally {
  await server.close();
  await whole.close();
  rmSync(folder, { recursive: true, force: true });
}
