import { createHash } from 'node:crypto';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** Files that are built into one. */
export interface Layer {
  /** Of the built file. */
  readonly name: string;
  /** The modules that it begins with; all that they import from their start is in it too, unless a layer before has it. */
  readonly from: readonly string[];
}

export interface Layers {
  /** The first file of a program, which has its own copies of the few files that it needs before any layer; they must have no state. */
  readonly first?: string;
  /** From the lowest one up: a layer imports the ones before it. */
  readonly layers: readonly Layer[];
}

/** What was built. */
export interface Built {
  /** The files by their paths below `outdir`. */
  readonly files: ReadonlyMap<string, string>;
  /** What they are made of, relative to the root. */
  readonly inputs: readonly string[];
  readonly warnings: number;
}

/** A source file of a layer, with the name by which others import each of its exports: it is unique in the layer. */
interface Member {
  readonly layer: string;
  readonly aliases: ReadonlyMap<string, string>;
}

/** Source files by their paths. */
type Members = ReadonlyMap<string, Member>;

/** What stands for a layer in the files that import it, until its name is known. */
const PREFIX = 's3-parallel-put-layer:';
const LAYER = 'layer';
const MEMBER = 'member';

/**
 * Builds entries as esbuild does with `splitting`, but with what is always loaded together in one file, a layer: loading a file takes half a
 * millisecond, and splitting makes one of each set of modules that some entries share. All other files import from the layers.
 */
export async function buildInLayers({ first, layers }: Layers, options: BuildOptions): Promise<Built> {
  const members = await membersOf(layers, options);
  const names = layers.map(({ name }) => name);
  const all = new Set([...members.values()].flatMap(({ layer, aliases }) => namesIn(layer, [...aliases.values()])));
  // Only what other files import is exported, so that the rest can be left out.
  const draft = await buildOnce(names, { members, first, wanted: all, late: new Set() }, options);
  const wanted = new Set([...importedNames([...draft.files.values()]), ...draft.late]);
  const built = await buildOnce(names, { members, first, wanted, late: new Set() }, options);
  const files = new Map(
    [...built.files].map(([file, text]) => [file, isLayer(file, names) ? withBuiltins(text) : text]),
  );
  return { ...built, files: named(names, files, options) };
}

const namesIn = (layer: string, aliases: readonly string[]): string[] => aliases.map((alias) => `${layer}:${alias}`);

async function membersOf(layers: readonly Layer[], options: BuildOptions): Promise<Members> {
  const members = new Map<string, Member>();
  for (const { name, from } of layers) {
    const files = (await filesFrom(from, options)).filter((file) => !members.has(file));
    const exported = await exportsOf(files, options);
    const used = new Set<string>();
    // Those that the layer begins with come first, so that they keep their names.
    for (const file of [...from, ...files.filter((one) => !from.includes(one))]) {
      const aliases = (exported.get(file) ?? []).map((one) => [one, unique(one, used)] as const);
      members.set(file, { layer: name, aliases: new Map(aliases) });
    }
  }
  return members;
}

function unique(name: string, used: Set<string>): string {
  let alias = name;
  for (let n = 2; used.has(alias); n += 1) alias = `${name}${n}`;
  used.add(alias);
  return alias;
}

/** The source files that modules import from their start, themselves included. */
async function filesFrom(first: readonly string[], options: BuildOptions): Promise<readonly string[]> {
  if (first.length === 0) return [];
  const { metafile } = await build({ ...options, entryPoints: [...first], write: false, metafile: true });
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const { path: next, kind, external } of metafile.inputs[file]?.imports ?? [])
      if (kind === 'import-statement' && external !== true && next.startsWith('src/')) visit(next);
  };
  for (const file of first) visit(file);
  return [...found].sort();
}

async function exportsOf(
  files: readonly string[],
  options: BuildOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { metafile } = await build({ ...options, entryPoints: [...files], write: false, metafile: true });
  return new Map(
    Object.values(metafile.outputs).flatMap(({ entryPoint, exports }) =>
      entryPoint !== undefined && files.includes(entryPoint) ? [[entryPoint, exports.sort()] as const] : [],
    ),
  );
}

/** What a build of layers needs to know. */
interface Plan {
  readonly members: Members;
  readonly first: string | undefined;
  /** The exports of layers that other files import, each behind its layer's name. */
  readonly wanted: ReadonlySet<string>;
  /** Gets those that are imported when they are needed. */
  readonly late: Set<string>;
}

async function buildOnce(
  layers: readonly string[],
  plan: Plan,
  options: BuildOptions,
): Promise<Built & Pick<Plan, 'late'>> {
  const { outdir = '', plugins = [], absWorkingDir: root = process.cwd() } = options;
  const { outputFiles, metafile, warnings } = await build({
    ...options,
    entryPoints: [...entriesOf(options), ...layers.map((name) => ({ in: PREFIX + name, out: `chunks/${name}` }))],
    plugins: [layersApart(root, plan), ...plugins],
    metafile: true,
    write: false,
  });
  const files = outputFiles.map(
    ({ path: file, text }) => [toPosix(path.relative(path.resolve(root, outdir), file)), text] as const,
  );
  return { files: new Map(files), inputs: Object.keys(metafile.inputs), warnings: warnings.length, late: plan.late };
}

/** Entries with the names of their output files, which are those below `outbase`. */
function entriesOf({ entryPoints, outbase = '' }: BuildOptions): { in: string; out: string }[] {
  return (entryPoints as string[]).map((file) => ({
    in: file,
    out: path.posix.relative(outbase, file).replace(/\.ts$/, ''),
  }));
}

/** Turns an import of a layer's file into one of the layer, unless it is the layer itself that imports it. */
function layersApart(root: string, { members, first, wanted, late }: Plan): Plugin {
  const fileOf = (full: string): string => toPosix(path.relative(root, full));
  const layerOf = (full: string): string | undefined => members.get(fileOf(full))?.layer;
  return {
    name: 'layers-apart',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${PREFIX}`) }, ({ path: name, kind }) =>
        kind === 'entry-point' ? { path: name.slice(PREFIX.length), namespace: LAYER } : { path: name, external: true },
      );
      onResolve({ filter: /^\./ }, ({ path: imported, importer, kind, namespace, resolveDir }) => {
        const full = path.resolve(resolveDir, imported).replace(/\.js$/, '.ts');
        const [file, user] = [fileOf(full), layerOf(importer) ?? fileOf(importer)];
        const member = members.get(file);
        if (member === undefined || namespace === LAYER) return undefined;
        const { layer, aliases } = member;
        if (kind === 'import-statement' && user === layer) return undefined;
        if (kind === 'import-statement' && user === first) return { path: full, suffix: '?first' };
        if (kind === 'dynamic-import' && [...aliases].every(([name, alias]) => name === alias)) {
          for (const name of namesIn(layer, [...aliases.keys()])) late.add(name);
          return { path: PREFIX + layer, external: true };
        }
        // One for each that imports it: what two of them share would be a file of its own.
        return { path: file, namespace: MEMBER, suffix: `?${user}` };
      });
      onLoad({ filter: /.*/, namespace: LAYER }, ({ path: layer }) => ({
        contents: [...members]
          .filter((one) => one[1].layer === layer)
          .map(([file, { aliases }]) =>
            reExport(
              `./${file}`,
              [...aliases].filter(([, alias]) => wanted.has(`${layer}:${alias}`)),
            ),
          )
          .join('\n'),
        resolveDir: root,
        loader: 'js',
      }));
      onLoad({ filter: /.*/, namespace: MEMBER }, ({ path: file }) => {
        const { layer, aliases } = members.get(file) as Member;
        const contents = reExport(
          PREFIX + layer,
          [...aliases].map(([name, alias]) => [alias, name]),
        );
        return { contents, resolveDir: root, loader: 'js' };
      });
    },
  };
}

function reExport(from: string, names: readonly (readonly [name: string, as: string])[]): string {
  const list = names.map(([name, as]) => `${name} as ${as}`).join(', ');
  return names.length === 0 ? '' : `export { ${list} } from ${JSON.stringify(from)};`;
}

const toPosix = (file: string): string => file.replaceAll('\\', '/');

/** What built files import from layers. */
function importedNames(texts: readonly string[]): ReadonlySet<string> {
  const statement = new RegExp(`(?:import|export)\\s*\\{([^}]*)\\}\\s*from\\s*"${PREFIX}([^"]+)"`, 'g');
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(statement)].flatMap(([, list = '', layer = '']) =>
        namesIn(
          layer,
          list.split(',').map((item) => item.trim().split(/\s+as\s+/)[0] ?? ''),
        ),
      ),
    ),
  );
}

const isLayer = (file: string, layers: readonly string[]): boolean =>
  layers.some((name) => file.startsWith(`chunks/${name}.`));

/**
 * Gets Node's own modules in the place of importing them: for an import Node reads all properties of a module, and loads what is behind those that it
 * would otherwise load late. That takes some five milliseconds.
 */
function withBuiltins(text: string): string {
  const from = (builtin: string): string => `process.getBuiltinModule(${JSON.stringify(builtin)})`;
  return text
    .replaceAll(
      /^import \{([^}]*)\} from "(node:[^"]+)";$/gm,
      (_all, names: string, builtin: string) =>
        `const {${names.replaceAll(/(\w+) as (\w+)/g, '$1: $2')}} = ${from(builtin)};`,
    )
    .replaceAll(
      /^import (?:\* as )?(\w+) from "(node:[^"]+)";$/gm,
      (_all, name: string, builtin: string) => `const ${name} = ${from(builtin)};`,
    );
}

/** Gives layers names by their content, as esbuild does for other chunks, and writes these into the files that import them. */
function named(
  layers: readonly string[],
  built: ReadonlyMap<string, string>,
  { outExtension }: BuildOptions,
): ReadonlyMap<string, string> {
  const extension = outExtension?.['.js'] ?? '.js';
  let files = built;
  // The lower ones first: a name depends on the names of what is imported.
  for (const layer of layers) {
    const own = `chunks/${layer}${extension}`;
    const hash = createHash('sha256')
      .update(files.get(own) ?? '')
      .digest('hex');
    const name = `chunks/${layer}-${hash.slice(0, 8).toUpperCase()}${extension}`;
    files = new Map(
      [...files].map(([file, text]) => {
        const relative = path.posix.relative(path.posix.dirname(file), name);
        const specifier = relative.startsWith('.') ? relative : `./${relative}`;
        return [file === own ? name : file, text.replaceAll(`"${PREFIX}${layer}"`, `"${specifier}"`)];
      }),
    );
  }
  return files;
}
