import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A name that no bundle has by chance: who bundles this package has its files elsewhere, and then nothing is loaded. */
const NAME = 's3-parallel-put-thread';
/** As a package, and as one file with everything. */
const PLACES = [`./${NAME}.js`, `./chunks/${NAME}.js`, `./${NAME}.cjs`, `./chunks/${NAME}.cjs`];

/**
 * The URL of the module that threads load to send requests. Undefined where it is not beside this one: in a bundle of somebody else, and in the source,
 * because loaders of TypeScript do not reach into threads.
 */
export function senderFile(): string | undefined {
  // A bundle in CommonJS has no `import.meta.url`.
  const own = import.meta.url ?? (typeof __filename === 'string' ? pathToFileURL(__filename).href : undefined);
  if (own === undefined || !own.startsWith('file:')) return undefined;
  return PLACES.map((place) => new URL(place, own)).find((url) => existsSync(fileURLToPath(url)))?.href;
}
