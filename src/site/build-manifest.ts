import { addsHash, endsInHash } from './content-hash.js';

/** Manifests of more bytes are not read: whole statistics of webpack may be as large as the site. */
export const MOST_MANIFEST_BYTES: number = 4 * 1024 * 1024;

/**
 * Files in which builds list what they have made, by path:
 *
 * | tool | file |
 * |---|---|
 * | Vite | `.vite/manifest.json`; before Vite 5 `manifest.json` |
 * | webpack, Rspack | `asset-manifest.json` (Create React App), `manifest.json` (webpack-manifest-plugin), statistics in `stats.json`, `webpack.stats.json` (Gatsby) or `webpack-stats.json` |
 * | esbuild | the metafile: `meta.json`, `metafile.json` |
 * | Next.js | `build-manifest.json`, `app-build-manifest.json`, `_buildManifest.js` |
 *
 * Astro and SvelteKit leave none; their folders are known. Other files of these names, such as the manifests of web apps, name nothing as hashed.
 */
export function isBuildManifest(path: string): boolean {
  return MANIFEST.test(path);
}

const MANIFEST =
  /(?:^|\/)(?:\.vite\/(?:ssr-)?manifest\.json|(?:asset-)?manifest\.json|(?:webpack[.-])?stats\.json|meta(?:file)?\.json|(?:app-)?build-manifest\.json|_buildManifest\.js)$/;

/**
 * The base names of the files that a manifest names as hashed. A manifest also lists files whose names stay, such as `favicon.ico`. So a name counts
 * only where the manifest shows what was added to it (`main.js` became `main.1a2b3c4d.js`), says that the file is immutable, or lists a name that is
 * clearly one with a hash. Empty for what is no manifest, or broken.
 */
export function hashedNamesIn(path: string, text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const add: Add = (file, ...logical) => {
    const base = baseOf(file);
    if (logical.length === 0 ? endsInHash(base) : logical.some((name) => addsHash(base, baseOf(name)))) found.add(base);
  };
  if (path.endsWith('.js')) {
    for (const [, file = ''] of text.replaceAll('\\u002F', '/').matchAll(/"([^"\\]+)"/g)) add(file);
    return found;
  }
  const manifest = parsed(text);
  if (manifest === undefined) return found;
  if (isRecord(manifest.outputs)) ofEsbuild(manifest.outputs, add);
  else if (Array.isArray(manifest.assets) || isRecord(manifest.assetsByChunkName)) ofWebpack(manifest, add, found);
  else if (isRecord(manifest.pages)) ofNext(manifest, add);
  else ofNames(isRecord(manifest.files) ? manifest.files : manifest, add);
  return found;
}

/** Adds a file, if its name has a hash that none of its logical names has, or clearly one where there are none. */
type Add = (file: string, ...logical: readonly string[]) => void;

type Values = Readonly<Record<string, unknown>>;

/** Of Vite, `{ 'src/main.ts': { file: 'assets/main-BRBmoGS9.js', css: […] } }`; of webpack's plugins, `{ 'main.js': '/main.1a2b3c4d.js' }`. */
function ofNames(manifest: Values, add: Add): void {
  for (const [name, value] of Object.entries(manifest)) {
    if (typeof value === 'string') add(value, name);
    if (!isRecord(value) || typeof value.file !== 'string') continue;
    const { file, src, name: chunk } = value;
    add(file, name, ...texts([src, chunk]));
    // The styles of a chunk have its name; other assets have rows of their own.
    for (const style of texts(value.css)) add(style, name, ...texts([src, chunk]));
    for (const asset of texts(value.assets)) add(asset);
  }
}

/** @see https://esbuild.github.io/api/#metafile */
function ofEsbuild(outputs: Values, add: Add): void {
  for (const [file, output] of Object.entries(outputs)) {
    if (!isRecord(output)) continue;
    const inputs = isRecord(output.inputs) ? Object.keys(output.inputs) : [];
    // Chunks that entries share are named after nothing.
    add(file, 'chunk', ...texts(output.entryPoint), ...inputs);
    const { cssBundle, entryPoint } = output;
    if (typeof cssBundle === 'string') add(cssBundle, ...texts(entryPoint));
  }
}

/** @see https://webpack.js.org/api/stats/ */
function ofWebpack({ assets, assetsByChunkName }: Values, add: Add, found: Set<string>): void {
  for (const asset of Array.isArray(assets) ? assets : []) {
    if (!isRecord(asset) || typeof asset.name !== 'string') continue;
    const { name, info } = asset;
    // It is so where webpack itself has put a hash of the content into the name.
    if (isRecord(info) && info.immutable === true && !name.endsWith('.map')) found.add(baseOf(name));
    else add(name);
  }
  for (const [chunk, files] of Object.entries(isRecord(assetsByChunkName) ? assetsByChunkName : {}))
    for (const file of texts(files)) add(file, chunk);
}

function ofNext({ pages, ...others }: Values, add: Add): void {
  for (const files of [...Object.values(isRecord(pages) ? pages : {}), ...Object.values(others)])
    for (const file of texts(files)) add(file);
}

function parsed(text: string): Values | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts in a list, or the one that stands for it. */
function texts(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one): one is string => typeof one === 'string');
}

/** The last segment of a path or an address, without query and fragment. */
export function baseOf(path: string): string {
  const end = path.search(/[?#]/);
  const plain = end < 0 ? path : path.slice(0, end);
  return plain.slice(plain.lastIndexOf('/') + 1);
}
