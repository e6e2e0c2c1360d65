// Builds what GitHub runs: dist/action/index.cjs, one file that needs nothing beside it, and the licences of what is in it. The same sources give
// the same bytes. With it the files at the top that are made from the option table. `--check` compares with what is there instead, and writes nothing.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { actionTypes } from './action-types.js';
import { actionYml } from './action-yml.js';
import { configSchema } from './config-schema.js';
import { licenceTexts } from './licences.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = 'dist/action';
const MOST_BYTES = 4.5 * 1024 * 1024;

/** The SDK's CommonJS is loaded by `require`, which has to be the bundle's own; a class of undici that the toolkit names is loaded when it is used. */
const lazily: Plugin = {
  name: 'lazily',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]src[\\/]s3[\\/](?:sdk[\\/](?:client|credentials)|assume-role)\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8')
        .replace("import { createRequire } from 'node:module';\n", '')
        .replace(/^const require: NodeJS\.Require = createRequire\(import\.meta\.url\);\n/m, '')
        .replace(/createRequire\(require\.resolve\('[^']+'\)\)\(/, 'require('),
      loader: 'ts',
    }));
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

const { outputFiles, metafile, warnings } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['src/action/main.ts'],
  outfile: `${OUT}/index.cjs`,
  bundle: true,
  plugins: [lazily],
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
});

// A bundle that would load something beside it builds with a warning only.
if (warnings.length > 0) throw new Error('The bundle was built with warnings, see above.');

const made = new Map([
  [`${OUT}/index.cjs`, outputFiles[0]?.text ?? ''],
  [`${OUT}/LICENSES.txt`, licenceTexts(ROOT, Object.keys(metafile.inputs))],
  ['action.yml', actionYml()],
  ['action-types.yml', actionTypes()],
  ['config.schema.json', `${JSON.stringify(configSchema(), null, 2)}\n`],
]);
const bytes = Buffer.byteLength(made.get(`${OUT}/index.cjs`) ?? '');
if (bytes > MOST_BYTES) throw new Error(`${OUT}/index.cjs has ${bytes} bytes, more than ${MOST_BYTES}.`);

if (process.argv.includes('--check')) {
  const stale = [...made].filter(([file, text]) => !existsSync(path.join(ROOT, file)) || read(file) !== text);
  for (const [file] of stale)
    console.error(`${file} is not what its sources make: run "npm run build:action" and commit it.`);
  if (stale.length > 0) process.exit(1);
  console.log(`${[...made.keys()].join(', ')} are what their sources make (the bundle has ${bytes} bytes).`);
} else {
  mkdirSync(path.join(ROOT, OUT), { recursive: true });
  for (const [file, text] of made) writeFileSync(path.join(ROOT, file), text);
  console.log(`${OUT}/index.cjs: ${bytes} bytes`);
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}
