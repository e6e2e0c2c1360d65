import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { PutInternals } from '../../src/open-put.js';
import { IMPATIENT } from './engine.js';
import { builtSender } from './sender.js';

/** Threads that send every body that they may, and what they were given. */
export interface WatchedThreads {
  readonly internals: PutInternals;
  /** Tasks that threads took, as `VERB KEY`, sorted. */
  readonly taken: () => string[];
}

/**
 * @param before what a thread does with each task before it sends it: JavaScript that has `task`, `count`, the number of this task among those of
 * all threads, `fs`, and `lost`: while it is true, the thread ends where it would report what it has sent
 */
export function watchedThreads(t: TestContext, before = ''): WatchedThreads {
  const folder = mkdtempSync(path.join(tmpdir(), 's3pp-threads-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = path.join(folder, 'log');
  const file = path.join(folder, 'sender.mjs');
  writeFileSync(
    file,
    `import fs from 'node:fs';
import { sender as real } from ${JSON.stringify(builtSender())};
const log = ${JSON.stringify(log)};
export function sender(options, report) {
  let lost = false;
  const own = real(options, (results) => (lost ? process.exit(7) : report(results)));
  return {
    take({ kind, tasks, aborted }) {
      for (const task of tasks) {
        fs.appendFileSync(log, task.verb + ' ' + task.key + '\\n');
        const count = fs.readFileSync(log, 'utf8').split('\\n').length - 1;
        ${before}
        own.take({ kind, tasks: [task], aborted: [] });
      }
      own.take({ kind, tasks: [], aborted });
    },
  };
}
`,
  );
  return {
    internals: { ...IMPATIENT, smallestOnThread: 1, senderUrl: pathToFileURL(file).href },
    taken: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').sort() : []),
  };
}
