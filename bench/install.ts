import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { install as installServers } from '../test/servers/install.js';
import { cacheFolder } from '../test/servers/known-servers.js';
import { awsFolder, awsProgram, GO_PEERS, type GoPeer, NPM_PACKAGE, npmFolder, pathOf } from './peers.js';
import { run } from './run-program.js';
import { findNginx } from './sinks/find-nginx.js';
import { VERSITYGW } from './sinks/versitygw.js';

/** Gets what is missing into the cache, and nginx from Debian's packages. What cannot be got is told, and does without. */
export async function installMissing(signal: AbortSignal): Promise<void> {
  const steps: readonly (readonly [string, boolean, () => Promise<void>])[] = [
    ['nginx', typeof findNginx() === 'string', () => installNginx(signal)],
    ['versitygw', true, () => installServers([VERSITYGW], signal)],
    ...Object.values(GO_PEERS).map(
      (peer) => [peer.name, !existsSync(pathOf(peer)), () => build(peer, signal)] as const,
    ),
    ['npm peers', !existsSync(npmFolder()), () => installNpm(signal)],
    ['aws', !existsSync(awsProgram()), () => installAws(signal)],
  ];
  mkdirSync(cacheFolder(), { recursive: true });
  for (const [name, wanted, get] of steps) {
    if (!wanted) continue;
    try {
      await get();
    } catch (error) {
      signal.throwIfAborted();
      console.error(`${name} could not be got: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Runs `get` in a folder beside the target, and renames that when it is whole. */
async function aside(get: (folder: string) => Promise<string>, target: string): Promise<void> {
  const folder = mkdtempSync(join(cacheFolder(), '.getting-'));
  try {
    renameSync(await get(folder), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By a module that names the peer as its tool: `go install` refuses modules with replacements, s5cmd among them. */
async function build(peer: GoPeer, signal: AbortSignal): Promise<void> {
  const { name, module, version, takes } = peer;
  console.log(`Building ${name} ${version}, once; about ${takes}.`);
  await aside(async (folder) => {
    writeFileSync(
      join(folder, 'go.mod'),
      `module bench\n\ngo 1.24\n\ntool ${module}\n\nrequire ${module} ${version}\n`,
    );
    const program = join(folder, 'program');
    await run('go', ['build', '-o', program, module], { cwd: folder, env: { GOFLAGS: '-mod=mod' }, signal });
    return program;
  }, pathOf(peer));
}

async function installNpm(signal: AbortSignal): Promise<void> {
  console.log('Installing the peers of npm, once.');
  await aside(async (folder) => {
    copyFileSync(NPM_PACKAGE, join(folder, 'package.json'));
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, signal });
    return folder;
  }, npmFolder());
}

/** In place: an environment of Python's cannot be moved. */
async function installAws(signal: AbortSignal): Promise<void> {
  try {
    await run('python3', ['-m', 'venv', awsFolder()], { signal });
    await run(join(awsFolder(), 'bin', 'pip'), ['install', '--quiet', 'awscli'], { signal });
  } catch (error) {
    rmSync(awsFolder(), { recursive: true, force: true });
    throw error;
  }
}

const PID_FILE = '/run/nginx.pid';

/** Debian starts the service with the package; it is stopped again, unless it was running before. */
async function installNginx(signal: AbortSignal): Promise<void> {
  const before = existsSync(PID_FILE);
  await run('apt-get', ['update', '-q'], { signal });
  const packages = ['nginx-light', 'libnginx-mod-http-echo'];
  await run('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    signal,
  });
  if (!before && existsSync(PID_FILE)) process.kill(Number(readFileSync(PID_FILE, 'utf8')), 'SIGQUIT');
}
