// Makes the pictures of the README from what the programs really write: `npm run pictures`. Another folder than docs/pictures can be given.
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type S3Server, startS3Server } from 'fake-s3';
import { markdownSvg } from './markdown-svg.js';
import { terminalSvg } from './terminal-svg.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const CLI = path.join(ROOT, 'dist/lib/cli/main.js');
const ACTION = path.join(ROOT, 'src/action/main.ts');
const SITE = path.join(ROOT, 'examples/site');
/** The usual port of local servers, which the output names. Where it is taken, any other. */
const PORT = 9000;
const COLUMNS = 100;

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'docs/pictures'));
const work = mkdtempSync(path.join(tmpdir(), 's3pp-pictures-'));

async function serve(): Promise<S3Server> {
  const options = { buckets: ['my-site'], mode: { region: 'eu-central-1' } };
  try {
    return await startS3Server({ ...options, port: PORT });
  } catch {
    return startS3Server(options);
  }
}

/** The variables of a machine that has nothing but this server's credentials. */
function environment(server: S3Server): Readonly<Record<string, string>> {
  const system = ['PATH', 'SystemRoot', 'TEMP', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(system),
    HOME: work,
    USERPROFILE: work,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_S3: server.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
  };
}

/** Runs a program in a folder and returns what it writes to stdout and stderr, in the order in which it does. */
async function output(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const file = path.join(work, 'output');
  const to = openSync(file, 'w');
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', to, to] });
  closeSync(to);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const text = readFileSync(file, 'utf8');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${text}`);
  return text;
}

/** A new folder with the example site in `dist`. */
function project(name: string): string {
  const at = path.join(work, name);
  cpSync(SITE, path.join(at, 'dist'), { recursive: true });
  return at;
}

/** The command, run twice. */
async function terminal(server: S3Server): Promise<string> {
  const words = ['dist', 's3://my-site/docs'];
  const at = project('terminal');
  const prompt = '\u001b[2m$\u001b[0m ';
  const runs: string[] = [`${prompt}\u001b[1mexport AWS_ENDPOINT_URL_S3=${server.url}\u001b[0m\n`];
  for (let run = 1; run <= 2; run++) {
    const text = await output([CLI, ...words], at, { ...environment(server), FORCE_COLOR: '1' });
    runs.push(`${prompt}\u001b[1mnpx s3-parallel-put ${words.join(' ')}\u001b[0m\n${text}`);
  }
  return runs.join('\n');
}

/** The inputs of the step, as in a workflow. */
const INPUTS: Readonly<Record<string, string>> = {
  source: 'dist',
  bucket: 's3://my-site',
  'site-url': 'https://www.example.com',
  preset: 'site',
  rules: '- match: ["images/**", "fonts/**"]\n  cacheControl: public, max-age=86400\n',
};

/** The job summary of a deploy that changes a few files of a site. */
async function summary(server: S3Server): Promise<string> {
  const at = project('summary');
  const file = path.join(work, 'summary.md');
  const runner = {
    ...environment(server),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: at,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'my-org/my-site',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_SHA: '7c6e1f2a90b14c3d8e5f60718293a4b5c6d7e8f9',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_RUN_ID: '1',
    GITHUB_STEP_SUMMARY: file,
    GITHUB_OUTPUT: path.join(work, 'outputs'),
    RUNNER_TEMP: work,
    ...Object.fromEntries(Object.entries(INPUTS).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  };
  const step = async (): Promise<string> => {
    for (const name of [file, runner.GITHUB_OUTPUT]) writeFileSync(name, '');
    await output(['--import', import.meta.resolve('tsx'), ACTION], at, runner);
    return readFileSync(file, 'utf8');
  };
  await step();
  const page = (name: string): string => path.join(at, 'dist', name);
  for (const name of ['index.html', 'blog/index.html', 'about/index.html'])
    appendFileSync(page(name), '<!-- new -->\n');
  appendFileSync(page('css/site.css'), 'main { max-width: 70ch }\n');
  cpSync(page('blog/soft-water'), page('blog/spring-harvest'), { recursive: true });
  cpSync(page('images/harbour.png'), page('images/spring.png'));
  return step();
}

/** The report page of a deploy that changes a few files, as a browser shows it. Resolves with false where there is no Chromium. */
async function reportPage(server: S3Server, picture: string): Promise<boolean> {
  const at = project('report');
  const commit = { GITHUB_SHA: '7c6e1f2a90b14c3d8e5f60718293a4b5c6d7e8f9', GITHUB_REPOSITORY: 'my-org/my-site' };
  const put = (...words: string[]): Promise<string> =>
    output([CLI, 'dist', 's3://my-site/page', ...words], at, { ...environment(server), ...commit });
  await put('--preset', 'site');
  const dist = path.join(at, 'dist');
  for (const name of ['index.html', 'blog/index.html', 'css/site.css']) appendFileSync(path.join(dist, name), '\n');
  cpSync(path.join(dist, 'images/harbour.png'), path.join(dist, 'images/spring.png'));
  rmSync(path.join(dist, 'about'), { recursive: true });
  await put('--preset', 'site', '--delete', '--report-html', 'report.html');
  const options = ['--headless', '--no-sandbox', '--hide-scrollbars', '--window-size=1100,1000'];
  const { error } = spawnSync('chromium', [...options, `--screenshot=${picture}`, path.join(at, 'report.html')]);
  return error === undefined;
}

const server = await serve();
try {
  mkdirSync(folder, { recursive: true });
  const title = 'A terminal: s3-parallel-put puts a site into a bucket, and then, run again, finds nothing to do.';
  writeFileSync(path.join(folder, 'terminal.svg'), terminalSvg(await terminal(server), { title, columns: COLUMNS }));
  const page = 'The job summary of the Action: what a deploy has changed.';
  writeFileSync(path.join(folder, 'summary.svg'), markdownSvg(await summary(server), { title: page }));
  console.log(`terminal.svg and summary.svg are in ${folder}.`);
  if (!(await reportPage(server, path.join(folder, 'report-page.png'))))
    console.log('Without chromium there is no new report-page.png.');
} finally {
  await server.close();
  rmSync(work, { recursive: true, force: true });
}
