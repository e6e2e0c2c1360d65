import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Relative paths with `/` and what the files hold; a path that ends in `/` is an empty directory. */
export type TreeFiles = Readonly<Record<string, string | Buffer>>;

/** Removes what a test made when the test ends. */
export interface Cleanup {
  after(run: () => void): void;
}

/** Makes a temporary directory with these files and returns its real path. */
export function makeTree(t: Cleanup, files: TreeFiles): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 's3pp-')));
  // Readable for a test that gives up the rights of root.
  chmodSync(root, 0o755);
  t.after(() => rmSync(root, { recursive: true, force: true }));
  addFiles(root, files);
  return root;
}

/** Writes more files below a directory. */
export function addFiles(root: string, files: TreeFiles): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, ...path.split('/'));
    if (path.endsWith('/')) {
      mkdirSync(target, { recursive: true });
    } else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
}
