import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type S3Server, startS3Server } from 'fake-s3';
import type { Document } from '../support/documents.js';
import { makeTar } from '../support/tar.js';
import { makeTree, type TreeFiles } from '../support/tree.js';

/** A folder as the readers of a page have it, and the server that its commands reach. */
export interface DocsProject {
  readonly folder: string;
  readonly server: S3Server;
  /** Runs a program in the folder, with credentials, an empty home, and `s3-parallel-put` in the path. */
  run(program: string, args: readonly string[]): Promise<Ran>;
}

export interface Ran {
  readonly code: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Built by `npm test`. */
const CLI = path.join(ROOT, 'dist/lib/cli/main.js');
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

const PAGE = '<!doctype html><html lang="en"><title>A page</title><p>Text.</p></html>\n';

/** A built site that has what is easily put with the wrong headers: names with a hash, and others beside them. */
export const SITE: TreeFiles = {
  'index.html': PAGE,
  'about/index.html': PAGE,
  '404.html': PAGE,
  'old.html': PAGE,
  'robots.txt': 'User-agent: *\n',
  'hashmap.json': '{"index.html":"0123abcd"}\n',
  'feed.xml': '<?xml version="1.0"?><feed/>\n',
  'sw.js': 'self.skipWaiting();\n',
  'favicon.ico': Buffer.from([0, 0, 1, 0]),
  'manifest.webmanifest': '{}\n',
  LICENSE: 'All rights reserved.\n',
  'assets/index-BfX9a1b2.js': 'console.log(1);\n//# sourceMappingURL=index-BfX9a1b2.js.map\n',
  'assets/index-BfX9a1b2.js.map': '{"version":3}\n',
  'assets/style-C2u_bR5x.css': `/* ${'a long comment '.repeat(100)}*/ body { margin: 0 }\n`,
  'assets/logo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47]),
  'css/site.css': 'body { margin: 0 }\n',
  'images/photo.jpg': Buffer.alloc(4_000, 7),
  'files/app.wasm': Buffer.from([0, 0x61, 0x73, 0x6d]),
  'drafts/next.html': PAGE,
  'docs/v1.2/about.html': PAGE,
  '.well-known/security.txt': 'Contact: mailto:security@example.com\n',
  '.DS_Store': 'junk',
};

const BUCKETS = ['my-site', 'my-app', 'dest', 'archive', 'my-archive', 'my-backup', 'backups', 'my-site-staging'];
const SOURCES = ['source', 'assets', 'my-assets'];

/** Makes the project of a page, with the files that its blocks name. */
export async function makeDocsProject(t: { after(run: () => void): void }, page: Document): Promise<DocsProject> {
  const server = await startS3Server({ buckets: BUCKETS });
  t.after(() => server.close());
  for (const bucket of SOURCES)
    for (const key of ['docs/index.html', 'docs/style.css', 'folder-001/test-001', '2026/report.pdf', 'images/a.png'])
      server.seed(bucket, key, `the content of ${key}`);
  const archive = gzipSync(makeTar(Object.entries(SITE).map(([name, body]) => ({ name, body: Buffer.from(body) }))));
  const folder = makeTree(t, {
    ...Object.fromEntries(Object.entries(SITE).map(([name, body]) => [`dist/${name}`, body])),
    'site.tar.gz': archive,
    'builds/site.tar.gz': archive,
    'keys.txt': '# what is copied\nindex.html\nstyle.css\n',
    'prefixes.txt': 'docs/\nimages/\n',
    ...(page.text.includes('video.mp4') && { 'data/video.mp4': Buffer.alloc(17 * 1024 * 1024, 1) }),
    'package.json': JSON.stringify({ private: true, type: 'module' }),
    'home/': '',
    ...filesOf(page),
  });
  const bin = installPackages(folder);
  const { PATH = '', TMPDIR = '/tmp' } = process.env;
  const home = path.join(folder, 'home');
  const env = {
    PATH: `${bin}${path.delimiter}${PATH}`,
    TMPDIR,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
    AWS_ENDPOINT_URL: server.url,
    NO_COLOR: '1',
  };
  const run = (program: string, args: readonly string[]): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, output }));
    });
  return { folder, server, run };
}

/** The blocks with `file=NAME`, by that name. */
function filesOf({ blocks }: Document): TreeFiles {
  return Object.fromEntries(
    blocks.flatMap(({ words, text }) => {
      const name = words.find((word) => word.startsWith('file='))?.slice('file='.length);
      return name === undefined ? [] : [[name, text]];
    }),
  );
}

/** Installs this package, the plugin and gulp as npm would; returns the folder of their commands. */
function installPackages(folder: string): string {
  const installed = {
    's3-parallel-put': ROOT,
    'gulp-s3-parallel-put': path.join(ROOT, 'gulp-plugin'),
    gulp: path.dirname(createRequire(path.join(ROOT, 'gulp-plugin/package.json')).resolve('gulp')),
    '@types/node': path.join(ROOT, 'node_modules/@types/node'),
  };
  for (const [name, target] of Object.entries(installed)) {
    const link = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(target, link, 'junction');
  }
  const bin = path.join(folder, 'node_modules/.bin');
  mkdirSync(bin);
  const node = `exec "${process.execPath}"`;
  const commands = {
    's3-parallel-put': `${node} "${CLI}" "$@"`,
    gulp: `${node} "${installed.gulp}/bin/gulp.js" "$@"`,
    // `npx` itself would ask the registry which version to run.
    npx: '[ "$1" = --yes ] && shift\nexec "$@"',
  };
  for (const [name, script] of Object.entries(commands))
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  symlinkSync(process.execPath, path.join(bin, 'node'));
  return bin;
}

/** Arguments of node that run a block of JavaScript or TypeScript. */
export function nodeArguments(file: string): readonly string[] {
  return file.endsWith('.ts') ? ['--import', TSX, file] : [file];
}

/** Checks the types of files as a strict project would. */
export function typeCheck({ run }: DocsProject, files: readonly string[]): Promise<Ran> {
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  const modules = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--skipLibCheck', 'false'];
  return run(process.execPath, [tsc, ...strict, ...modules, ...files]);
}
