import { readFileSync } from 'node:fs';

/** The version in this package's package.json, found by the package's own name from wherever this file runs. */
export function version(): string {
  const text = readFileSync(new URL(import.meta.resolve('s3-parallel-put/package.json')), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
