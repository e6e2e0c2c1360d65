import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, type KnownServer } from './known-servers.js';

/** Path of a server's program in the cache. */
export function programOf({ file }: KnownServer): string {
  return join(cacheFolder(), file);
}

/** Throws, naming each server that is not in the cache and how to get it. */
export function checkInstalled(servers: readonly KnownServer[]): void {
  const missing = servers.filter((server) => !existsSync(programOf(server)));
  if (missing.length === 0) return;
  const lines = missing.map(
    (server) =>
      `${server.name} ${server.version} is missing: there is no ${programOf(server)}. ` +
      `It comes by "${server.install.with}", in about ${server.install.takes}.`,
  );
  throw new Error(
    [
      ...lines,
      'Get what is missing with "npm run test:servers -- --install", or start servers by hand and name them in',
      'S3PP_SERVERS (CONTRIBUTING.md, "Real S3 servers").',
    ].join('\n'),
  );
}

/** Gets the programs that are not in the cache. Throws when the tool that builds them is not there, or fails. */
export async function install(servers: readonly KnownServer[], stop: AbortSignal): Promise<void> {
  for (const server of servers) {
    if (existsSync(programOf(server))) continue;
    const { with: tool, what, takes } = server.install;
    console.log(`Getting ${server.name} ${server.version} into ${cacheFolder()}, once; about ${takes}.`);
    mkdirSync(cacheFolder(), { recursive: true });
    // Built aside and renamed, so that what is in the cache is whole.
    const folder = mkdtempSync(join(cacheFolder(), '.getting-'));
    try {
      if (tool === 'go') await buildByGo(server, folder, stop);
      else if (tool === 'cargo') await buildByCargo(server, folder, stop);
      else
        await get(
          server,
          ['mvn', '-q', '-B', 'dependency:copy', `-Dartifact=${what}`, `-DoutputDirectory=${folder}`],
          {},
          stop,
        );
      const [built] = readdirSync(folder);
      if (built === undefined) throw new Error(`${tool} left no program of ${server.name} behind.`);
      renameSync(join(folder, built), programOf(server));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** `go install` refuses a module that replaces others, so that is built within a module that replaces them too. */
async function buildByGo(server: KnownServer, folder: string, stop: AbortSignal): Promise<void> {
  const { what, replace } = server.install;
  if (replace === undefined) return get(server, ['go', 'install', what], { GOBIN: folder }, stop);
  const module = mkdtempSync(join(tmpdir(), 's3pp-go-'));
  try {
    writeFileSync(join(module, 'go.mod'), `module local\n\nreplace ${replace}\n`);
    const [program = ''] = what.split('@');
    await get(server, ['go', '-C', module, 'get', what], {}, stop);
    await get(server, ['go', '-C', module, 'build', '-mod=mod', '-o', join(folder, server.file), program], {}, stop);
  } finally {
    rmSync(module, { recursive: true, force: true });
  }
}

/** `cargo install` leaves a file of its own beside the program. */
async function buildByCargo(server: KnownServer, folder: string, stop: AbortSignal): Promise<void> {
  const [name = '', version = ''] = server.install.what.split('@');
  const root = mkdtempSync(join(tmpdir(), 's3pp-cargo-'));
  try {
    await get(server, ['cargo', 'install', name, '--version', version, '--locked', '--root', root], {}, stop);
    copyFileSync(join(root, 'bin', name), join(folder, server.file));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function get(
  { name }: KnownServer,
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env }, signal });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = `"${command}" is not in PATH, and ${name} is built with it: ${HOMES[command]} has it.`;
      reject(error.code === 'ENOENT' ? new Error(missing) : error);
    });
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`"${[command, ...args].join(' ')}" ended with ${code}; ${name} was not installed.`));
    });
  });
}

const HOMES: Readonly<Record<string, string>> = {
  go: 'https://go.dev/dl/',
  mvn: 'https://maven.apache.org/',
  cargo: 'https://rustup.rs/',
};
