import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lineProgress, progressText } from '../../../../src/cli/output/progress.js';
import { barProgress, barText } from '../../../../src/cli/output/progress-bar.js';
import { canRedraw, hasColour, paintFor } from '../../../../src/cli/output/terminal.js';
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

describe('progress', () => {
  test('is a line with what is known', () => {
    assert.equal(
      progressText(EVENT, 12.3),
      '120 of 1,000 files, 1.2 MB of 8.0 MB, 9.8 files/s, 97.6 kB/s, 12.3 s, 1 min 27 s left',
    );
    assert.equal(
      progressText({ ...EVENT, totalObjects: undefined, totalBytes: undefined }, 2),
      '120 files, 1.2 MB, 60 files/s, 600.0 kB/s, 2.00 s',
    );
    assert.equal(progressText(undefined, 5), 'Looking at the files, 5.00 s');
  });

  test('on a bar has a share and an estimate, where the whole is known', () => {
    const half = { ...EVENT, objects: 500, bytes: 4_000_000 };
    assert.equal(barText(half, 10), '[============------------] 50% 500/1,000 files, 4.0 MB/8.0 MB, 10.0 s left');
    assert.equal(
      barText({ ...EVENT, objects: 0, bytes: 0 }, 1),
      '[------------------------] 0% 0/1,000 files, 0 B/8.0 MB',
    );
    const big = { ...EVENT, objects: 0, totalObjects: 1, bytes: 6e9, totalBytes: 8e9, takenOver: 4e9 };
    assert.equal(
      barText(big, 10),
      '[==================------] 74% 0/1 files, 6.0 GB/8.0 GB, 4.0 GB of it taken over, 10.0 s left',
    );
    assert.equal(barText({ ...EVENT, totalObjects: undefined, totalBytes: undefined }, 1), '120 files, 1.2 MB');
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
    assert.match(screen, /\[===-{21}\] 12% 120\/1,000 files, 1\.2 MB\/8\.0 MB, .* s left/);
    screen = '';
    progress.printAbove?.('one');
    progress.printAbove?.('two');
    assert.equal(screen, '');
    await until(() => screen.includes('two'));
    assert.ok(screen.includes('\r\u001b[K<one\ntwo\n>\u001b[1G[==='), JSON.stringify(screen));
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
