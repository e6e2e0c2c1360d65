// Builds what GitHub runs: dist/action/index.cjs, which writes the first line of the log and loads the rest beside it, and the licences of what is in
// it all. What a step rarely needs, such as the AWS SDK, is in files of its own. The same sources give the same bytes. With it the files at the top that are made from the option table. `--check` compares with what is there instead, and writes nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { actionTypes } from './action-types.js';
import { actionYml } from './action-yml.js';
import { configSchema } from './config-schema.js';
import { buildInLayers } from './layers.js';
import { licenceTexts } from './licences.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = 'dist/action';
const MOST_BYTES = 5 * 1024 * 1024;

/** The SDK's CommonJS is loaded by `require`, which has to be the bundle's own; a class of undici that the toolkit names is loaded when it is used. */
const lazily: Plugin = {
  name: 'lazily',
  setup({ onLoad, onResolve }) {
    onLoad(
      {
        filter:
          /[\\/]src[\\/](?:s3[\\/](?:sdk[\\/](?:client|credentials|node-warning)|assume-role)|config[\\/]proxy|encode[\\/]content-type)\.ts$/,
      },
      ({ path: file }) => ({
        contents: readFileSync(file, 'utf8')
          .replace("import { createRequire } from 'node:module';\n", '')
          .replace(/^const require: NodeJS\.Require = createRequire\(import\.meta\.url\);\n/m, '')
          .replaceAll(/createRequire\(require\.resolve\((?:'[^']+'|\w+)\)\)\(/g, 'require('),
        loader: 'ts',
      }),
    );
    onResolve({ filter: /^undici$/ }, ({ importer }) =>
      /[\\/]@actions[\\/]http-client[\\/]/.test(importer) ? { path: 'undici', namespace: 'late' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'late' }, () => ({
      contents:
        "Object.defineProperty(exports, 'ProxyAgent', { enumerable: true, get: () => require('undici').ProxyAgent });",
      loader: 'js',
      resolveDir: ROOT,
    }));
  },
};

/** Files of libraries that are bundled before the rest. */
const before: string[] = [];

/**
 * Leaves out what is not used of the client of CloudFront, which has 167 commands, of which four are used: in a module that is loaded late, esbuild
 * keeps everything. What the client shares with the others stays outside of this first bundle.
 */
const onlyUsed: Plugin = {
  name: 'onlyUsed',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]cloudfront[\\/]sdk\.ts$/ }, async ({ path: file }) => {
      const { outputFiles: inner, metafile: of } = await build({
        absWorkingDir: ROOT,
        entryPoints: [file],
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node20.19',
        charset: 'utf8',
        legalComments: 'none',
        mainFields: ['module', 'main'],
        external: ['@smithy/*', 'tslib', '@aws-sdk/core/*', '@aws-sdk/credential-provider-node', '@aws-sdk/types'],
        metafile: true,
        write: false,
        logLevel: 'warning',
      });
      before.push(...Object.keys(of.inputs));
      return { contents: inner[0]?.text ?? '', loader: 'js', resolveDir: path.dirname(file) };
    });
  },
};

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  // The Action has no option that needs it.
  external: ['@aws-sdk/client-s3-control'],
} satisfies BuildOptions;

const {
  files: parts,
  inputs,
  warnings,
} = await buildInLayers(
  { layers: [{ name: 'step', from: ['src/action/action.ts'] }] },
  {
    ...COMMON,
    entryPoints: ['src/action/action.ts'],
    outbase: 'src/action',
    outdir: OUT,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    plugins: [lazily, onlyUsed],
    // CommonJS that is bundled loads modules of Node by it.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  },
);

/** The first file, which any version of Node loads at once. */
const besideIt: Plugin = {
  name: 'besideIt',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/action\.js$/ }, () => ({ path: './action.mjs', external: true }));
  },
};
const { outputFiles: first, metafile } = await build({
  ...COMMON,
  entryPoints: ['src/action/main.ts'],
  outfile: `${OUT}/index.cjs`,
  format: 'cjs',
  plugins: [besideIt],
  metafile: true,
  write: false,
});

// What threads load.
const { outputFiles: thread } = await build({
  ...COMMON,
  entryPoints: ['src/transfer/threads/s3-parallel-put-thread.ts'],
  outfile: `${OUT}/chunks/s3-parallel-put-thread.cjs`,
  format: 'cjs',
  write: false,
});

// A bundle that would load something beside it builds with a warning only.
if (warnings > 0) throw new Error('The bundle was built with warnings, see above.');

const made = new Map([
  [`${OUT}/index.cjs`, first[0]?.text ?? ''],
  [`${OUT}/chunks/s3-parallel-put-thread.cjs`, thread[0]?.text ?? ''],
  ...[...parts].map(([name, text]) => [`${OUT}/${name}`, text] as const),
  [`${OUT}/LICENSES.txt`, licenceTexts(ROOT, [...Object.keys(metafile.inputs), ...inputs, ...before])],
  ['action.yml', actionYml()],
  ['action-types.yml', actionTypes()],
  ['config.schema.json', `${JSON.stringify(configSchema(), null, 2)}\n`],
]);
const code = [...made].filter(([name]) => /\.[cm]js$/.test(name));
for (const [name, text] of code)
  if (/\brequire\.resolve\(/.test(text))
    throw new Error(`${name} looks for a package beside it, and a runner has none.`);
const bytes = code.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0);
if (bytes > MOST_BYTES) throw new Error(`The code in ${OUT} has ${bytes} bytes, more than ${MOST_BYTES}.`);
/** What an earlier build has left. */
const gone = filesIn(OUT).filter((name) => !made.has(name));

if (process.argv.includes('--check')) {
  const stale = [...made]
    .filter(([file, text]) => !existsSync(path.join(ROOT, file)) || read(file) !== text)
    .map(([file]) => file);
  stale.push(...gone);
  for (const file of stale)
    console.error(`${file} is not what its sources make: run "npm run build:action" and commit it.`);
  if (stale.length > 0) process.exit(1);
  console.log(`${made.size} files are what their sources make (the code in ${OUT} has ${bytes} bytes).`);
} else {
  for (const [file, text] of made) {
    mkdirSync(path.join(ROOT, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(ROOT, file), text);
  }
  for (const file of gone) rmSync(path.join(ROOT, file));
  console.log(`${OUT}: ${code.length} files of code, ${bytes} bytes`);
}

function filesIn(folder: string): string[] {
  const full = path.join(ROOT, folder);
  if (!existsSync(full)) return [];
  const found = readdirSync(full, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}
