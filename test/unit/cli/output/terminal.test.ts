import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lineProgress, progressText } from '../../../../src/cli/output/progress.js';
import { barProgress, barText } from '../../../../src/cli/output/progress-bar.js';
import { canRedraw, hasColour, linesTo, paintFor } from '../../../../src/cli/output/terminal.js';
import { until } from '../../../support/until.js';

const TTY = { isTTY: true };
const PIPE = {};
const EVENT = {
  type: 'progress',
  objects: 120,
  bytes: 1_200_000,
  totalObjects: 1_000,
  totalBytes: 8_000_000,
  inFlight: 64,
} as const;

describe('colour', () => {
  const rows: readonly (readonly [string, { isTTY?: boolean }, Record<string, string>, boolean])[] = [
    ['a terminal', TTY, {}, true],
    ['a pipe', PIPE, {}, false],
    ['a terminal with NO_COLOR', TTY, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', TTY, { NO_COLOR: '' }, true],
    ['a dumb terminal', TTY, { TERM: 'dumb' }, false],
    ['a pipe with FORCE_COLOR', PIPE, { FORCE_COLOR: '1' }, true],
    ['a pipe with an empty FORCE_COLOR', PIPE, { FORCE_COLOR: '' }, true],
    ['a terminal with FORCE_COLOR=0', TTY, { FORCE_COLOR: '0' }, false],
    ['both variables', TTY, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ];
  for (const [name, stream, env, expected] of rows) {
    test(`${expected ? 'on' : 'off'} for ${name}`, () => assert.equal(hasColour(stream, env), expected));
  }

  test('is an escape sequence around the word, or nothing', () => {
    assert.equal(paintFor(TTY, {})('bad', 'x'), '\u001b[31mx\u001b[0m');
    assert.equal(paintFor(PIPE, {})('bad', 'x'), 'x');
  });

  test('a bar needs a terminal that can redraw, colour or not', () => {
    assert.equal(canRedraw(TTY, { NO_COLOR: '1' }), true);
    assert.equal(canRedraw(TTY, { TERM: 'dumb' }), false);
    assert.equal(canRedraw(PIPE, { FORCE_COLOR: '1' }), false);
  });
});

describe('lines', () => {
  /** A stream whose reader takes a write at each call of `read`, and fails once `fail` is set. */
  function slowStream() {
    const taken: string[] = [];
    const waiting: (() => void)[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        taken.push(chunk);
        waiting.push(() => done());
      },
    });
    return { stream, taken, read: () => waiting.shift()?.() };
  }

  test('that nobody waits for stay in order, and wait for a slow reader only once', async () => {
    const { stream, taken, read } = slowStream();
    const lines = linesTo(stream, () => undefined);
    const written = Array.from({ length: 500 }, (_, i) => `${i} ${'x'.repeat(5_000)}`);
    const waits: (Promise<void> | undefined)[] = [];
    for (const line of written) {
      waits.push(lines.write(line));
      if (waits.length % 50 === 0) await sleep(0);
      assert.ok(stream.listenerCount('drain') <= 1);
    }
    // What nobody has read is not handed over: one write is on its way.
    assert.equal(taken.length, 1);
    const ended = lines.flush();
    await until(() => {
      read();
      return taken.join('').length === written.join('\n').length + 1;
    });
    while (stream.writableLength > 0) read();
    await Promise.all([ended, ...waits]);
    assert.equal(taken.join(''), `${written.join('\n')}\n`);
  });

  test('after a failure are dropped, and nobody waits', async () => {
    const { stream } = slowStream();
    const failures: string[] = [];
    const lines = linesTo(stream, () => failures.push('broken'));
    const waits = Array.from({ length: 20 }, () => lines.write('x'.repeat(70_000)));
    stream.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await Promise.all(waits);
    await lines.write('later');
    await lines.flush();
    assert.deepEqual([failures, lines.broken()?.code], [['broken'], 'EPIPE']);
  });
});

describe('progress', () => {
  test('is a line with what is known', () => {
    assert.equal(
      progressText(EVENT, 12.3),
      '120 of 1,000 files, 1.2 MB of 8.0 MB, 9.8 files/s, 97.6 kB/s, 12.3 s, 1 min 27 s left',
    );
    assert.equal(
      progressText({ ...EVENT, totalObjects: undefined, totalBytes: undefined }, 2),
      '120 files, 1.2 MB, 60 files/s, 600.0 kB/s, 2.0 s',
    );
    assert.equal(progressText(undefined, 5), 'Looking at the files, 5.0 s');
  });

  describe('on a bar uses the width that there is', () => {
    const half = { ...EVENT, objects: 500, bytes: 4_000_000 };
    const large = { ...EVENT, objects: 123_456, bytes: 6e9, totalObjects: 1_000_000, totalBytes: 8e9, takenOver: 4e9 };
    const open = { ...EVENT, totalObjects: undefined, totalBytes: undefined };
    const rows: readonly (readonly [number, Parameters<typeof barText>[0], string])[] = [
      [40, half, '50% 500/1,000, 400.0 kB/s, 10.0 s left'],
      [60, half, '[=====-----] 50% 500/1,000 files, 400.0 kB/s, 10.0 s left'],
      [80, half, '[=======-------] 50% 500/1,000 files, 4.0 MB/8.0 MB, 400.0 kB/s, 10.0 s left'],
      [100, half, `[${'='.repeat(17)}${'-'.repeat(17)}] 50% 500/1,000 files, 4.0 MB/8.0 MB, 400.0 kB/s, 10.0 s left`],
      [200, half, `[${'='.repeat(67)}${'-'.repeat(67)}] 50% 500/1,000 files, 4.0 MB/8.0 MB, 400.0 kB/s, 10.0 s left`],
      [40, large, '19% 123,456/1,000,000, 58.9 s left'],
      [60, large, '19% 123,456/1,000,000 files, 200.0 MB/s, 58.9 s left'],
      [100, large, '[=====---------------------] 19% 123,456/1,000,000 files, 6.0 GB/8.0 GB, 200.0 MB/s, 58.9 s left'],
      [40, open, '120 files, 1.2 MB, 120.0 kB/s'],
      [200, open, '120 files, 1.2 MB, 120.0 kB/s'],
      [40, undefined, 'Looking at the files, 10.0 s'],
      [12, half, '50%'],
      [3, half, '50'],
    ];
    for (const [columns, event, expected] of rows)
      test(`of ${columns} columns: ${expected}`, () => assert.equal(barText(event, 10, columns), expected));

    test('and never wraps', () => {
      for (const event of [half, large, open, undefined])
        for (let columns = 1; columns <= 250; columns++)
          assert.ok(barText(event, 10, columns).length <= Math.max(columns - 1, 1), `${columns} columns`);
    });

    test('with what an earlier run had sent where there is room', () => {
      assert.match(barText(large, 10, 120), /, 6\.0 GB\/8\.0 GB, 4\.0 GB of it taken over, 200\.0 MB\/s, /);
    });

    test('without a speed in a dry run, and without an estimate before anything is done', () => {
      assert.equal(barText(half, 10, 40, true), '50% 500/1,000 files, 10.0 s left');
      const none = { ...EVENT, objects: 0, bytes: 0 };
      assert.equal(barText(none, 1, 60), '[------------------] 0% 0/1,000 files, 0 B/8.0 MB, 0 B/s');
    });
  });

  test('is a line now and then where there is no terminal, and none in a short run', (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const lines: string[] = [];
    const progress = lineProgress((line) => lines.push(line), 20);
    context.after(progress.stop);
    progress.onEvent(EVENT);
    assert.deepEqual(lines, []);
    context.mock.timers.tick(19);
    assert.deepEqual(lines, []);
    context.mock.timers.tick(41);
    assert.equal(lines.length, 3);
    progress.stop();
    context.mock.timers.tick(100);
    assert.equal(lines.length, 3);
  });

  test('is a bar on a terminal, with other lines above it, and goes at the end', async (context) => {
    let screen = '';
    const write = (text: string): boolean => {
      screen += text;
      return true;
    };
    const stream = { isTTY: true, columns: 80, write } as unknown as NodeJS.WriteStream;
    const progress = barProgress(stream, (text) => write(`<${text}>`));
    context.after(progress.stop);
    assert.match(screen, /Looking at the files/);
    progress.onEvent(EVENT);
    await until(() => screen.includes('12%'));
    assert.match(screen, /\[==?-{8,}\] 12% 120\/1,000 files, .* s left/);
    screen = '';
    progress.printAbove?.('one');
    progress.printAbove?.('two');
    assert.equal(screen, '');
    await until(() => screen.includes('two'));
    assert.ok(screen.includes('\r\u001b[K<one\ntwo\n>\u001b[1G[='), JSON.stringify(screen));
    progress.printAbove?.('three');
    progress.stop();
    assert.ok(screen.includes('<three\n>'), 'nothing is lost at the end');
    assert.ok(screen.endsWith('\u001b[2K'), 'the bar goes');
    const memory = ['\u001b7', '\u001b8'].filter((sequence) => screen.includes(sequence));
    assert.deepEqual(memory, [], 'the cursor is not sent back above what was printed');
    screen = '';
    await sleep(100);
    assert.equal(screen, '');
  });
});
