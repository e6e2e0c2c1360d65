import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A package with code in the bundle. */
interface Package {
  /** Name, version and licence. */
  readonly title: string;
  readonly licence: string;
  /** Text of its licence file; undefined if it has none. */
  readonly text: string | undefined;
}

const SEPARATOR = `\n${'-'.repeat(72)}\n\n`;
/** The terms of the licence. The appendix after them is a template for copyright notices, and differs between packages. */
const APACHE = /^ *Apache License\s+Version 2\.0, January 2004[\s\S]*?END OF TERMS AND CONDITIONS/;

/**
 * The licences of all packages with code in the bundle. A package without a licence file gets the text of the licence that its package.json names.
 * @param inputs paths of the files in the bundle, relative to `root`
 * @throws Error if the text of a licence is not known
 */
export function licenceTexts(root: string, inputs: readonly string[]): string {
  const packages = [...foldersOf(inputs)].map((folder) => readPackage(path.join(root, folder)));
  packages.sort((a, b) => (a.title < b.title ? -1 : 1));
  const apache = packages.map(({ text = '' }) => APACHE.exec(text)?.[0]).find((text) => text !== undefined);
  const texts = packages.map(({ title, licence, text }) => {
    const ownOrKnown = text ?? (licence === 'Apache-2.0' ? apache : undefined);
    if (ownOrKnown === undefined)
      throw new Error(`${title} has no licence file, and the text of its licence is not known.`);
    return `${title}\n\n${ownOrKnown}\n`;
  });
  return texts.join(SEPARATOR);
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

function readPackage(folder: string): Package {
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n');
  const { name, version, license } = JSON.parse(read('package.json')) as Record<string, string>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  return {
    title: `${name} ${version} (${license})`,
    licence: license ?? '',
    text: file === undefined ? undefined : read(file).trim(),
  };
}
