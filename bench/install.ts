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
import {
  awsFolder,
  awsProgram,
  GO_PEERS,
  type GoPeer,
  NPM_PACKAGE,
  npmFolder,
  PYTHON_PACKAGES,
  pathOf,
  pythonFolder,
} from './peers.js';
import { run } from './run-program.js';
import { findNginx, NGINX_PACKAGES } from './sinks/find-nginx.js';
import { VERSITYGW } from './sinks/versitygw.js';

/** Installs what is missing into the cache, and nginx from Debian's packages. A failure is printed; the benchmark then runs without that program. */
export async function installMissing(signal: AbortSignal): Promise<void> {
  const steps: readonly (readonly [string, boolean, () => Promise<void>])[] = [
    ['nginx', typeof findNginx() === 'string', () => installNginx(signal)],
    ['versitygw', true, () => installServers([VERSITYGW], signal)],
    ...Object.values(GO_PEERS).map(
      (peer) => [peer.name, !existsSync(pathOf(peer)), () => build(peer, signal)] as const,
    ),
    ['npm peers', !existsSync(npmFolder()), () => installNpm(signal)],
    ['Python peers', !existsSync(pythonFolder()), () => installPython(pythonFolder(), ['-r', PYTHON_PACKAGES], signal)],
    ['aws', !existsSync(awsProgram()), () => installPython(awsFolder(), ['awscli'], signal)],
  ];
  mkdirSync(cacheFolder(), { recursive: true });
  for (const [name, missing, install] of steps) {
    if (!missing) continue;
    try {
      await install();
    } catch (error) {
      signal.throwIfAborted();
      console.error(`${name} could not be installed: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Runs `install` in a new folder, and renames its result to `target` when it is complete. */
async function installAtomically(install: (folder: string) => Promise<string>, target: string): Promise<void> {
  const folder = mkdtempSync(join(cacheFolder(), '.installing-'));
  try {
    renameSync(await install(folder), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds a module that names the peer as its tool, because `go install` rejects modules with replacements, such as s5cmd. */
async function build(peer: GoPeer, signal: AbortSignal): Promise<void> {
  const { name, module, version, duration } = peer;
  console.log(`Building ${name} ${version}, once; this takes about ${duration}.`);
  await installAtomically(async (folder) => {
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
  console.log('Installing the npm peers, once.');
  await installAtomically(async (folder) => {
    copyFileSync(NPM_PACKAGE, join(folder, 'package.json'));
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder, signal });
    return folder;
  }, npmFolder());
}

/** Installs in place, because a Python environment cannot be moved. */
async function installPython(folder: string, packages: readonly string[], signal: AbortSignal): Promise<void> {
  console.log(`Installing ${folder}, once.`);
  try {
    await run('python3', ['-m', 'venv', folder], { signal });
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', ...packages], { signal });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const PID_FILE = '/run/nginx.pid';

/** Debian starts the service when it installs the package; it is stopped again, unless it was running before. */
async function installNginx(signal: AbortSignal): Promise<void> {
  const wasRunning = existsSync(PID_FILE);
  await run('apt-get', ['update', '-q'], { signal });
  await run('apt-get', ['install', '-qy', '--no-install-recommends', ...NGINX_PACKAGES], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    signal,
  });
  if (!wasRunning && existsSync(PID_FILE)) process.kill(Number(readFileSync(PID_FILE, 'utf8')), 'SIGQUIT');
}
