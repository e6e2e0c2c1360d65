import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A package of which something is in the bundle. */
interface Package {
  /** Name, version and licence. */
  readonly head: string;
  readonly licence: string;
  /** Its licence file; undefined where it has none. */
  readonly text: string | undefined;
}

const RULE = `\n${'-'.repeat(72)}\n\n`;
/** The licence proper. What follows it in a file is a pattern for notices of copyright, which differs. */
const APACHE = /^ *Apache License\s+Version 2\.0, January 2004[\s\S]*?END OF TERMS AND CONDITIONS/;

/**
 * The licences of all packages of which something is in the bundle, by the paths of its files. One without a licence file gets the text of the
 * licence that it names.
 * @throws where that text is not known
 */
export function licences(root: string, inputs: readonly string[]): string {
  const packages = [...foldersOf(inputs)].map((folder) => packageIn(path.join(root, folder)));
  packages.sort((a, b) => (a.head < b.head ? -1 : 1));
  const apache = packages.map(({ text = '' }) => APACHE.exec(text)?.[0]).find((text) => text !== undefined);
  const told = packages.map(({ head, licence, text }) => {
    const found = text ?? (licence === 'Apache-2.0' ? apache : undefined);
    if (found === undefined) throw new Error(`${head} has no licence file, and the text of its licence is not known.`);
    return `${head}\n\n${found}\n`;
  });
  return told.join(RULE);
}

function foldersOf(inputs: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const input of inputs) {
    const at = input.lastIndexOf('node_modules/');
    if (at < 0) continue;
    const [scope = '', name = ''] = input.slice(at + 'node_modules/'.length).split('/');
    folders.add(`${input.slice(0, at)}node_modules/${scope.startsWith('@') ? `${scope}/${name}` : scope}`);
  }
  return folders;
}

function packageIn(folder: string): Package {
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n');
  const { name, version, license } = JSON.parse(read('package.json')) as Record<string, string>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  return {
    head: `${name} ${version} (${license})`,
    licence: license ?? '',
    text: file === undefined ? undefined : read(file).trim(),
  };
}
