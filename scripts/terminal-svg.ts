import { type Palette, svgFile, xmlText } from './svg.js';

// A picture of a terminal, made from the text that programs write to one.

/** How a piece of text looks: names of the classes below. */
type Look = ReadonlySet<string>;

interface Piece {
  readonly text: string;
  readonly look: Look;
}

type Line = readonly Piece[];

const PALETTE: Palette = {
  back: ['#f6f8fa', '#0d1117'],
  border: ['#d1d9e0', '#3d444d'],
  text: ['#1f2328', '#f0f6fc'],
  faint: ['#59636e', '#9198a1'],
  red: ['#cf222e', '#ff7b72'],
  green: ['#116329', '#3fb950'],
  yellow: ['#7d4e00', '#d29922'],
  blue: ['#0550ae', '#58a6ff'],
  magenta: ['#8250df', '#bc8cff'],
  cyan: ['#1b7c83', '#39c5cf'],
};

const COLOURS: readonly string[] = ['text', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'text'];
/** Looks by the number that turns them on. */
const STYLES: Readonly<Record<number, string>> = { 1: 'bold', 2: 'faint', 3: 'italic', 4: 'underline' };
/** The looks that a number turns off. */
const ENDS: Readonly<Record<number, readonly string[]>> = {
  0: [...COLOURS, ...Object.values(STYLES)],
  22: ['bold', 'faint'],
  23: ['italic'],
  24: ['underline'],
  39: COLOURS,
};

const CSS = `
text{font:14px/1 ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;fill:var(--text);white-space:pre}
.bold{font-weight:700}.italic{font-style:italic}.underline{text-decoration:underline}
${[...new Set(COLOURS), 'faint'].map((name) => `.${name}{fill:var(--${name})}`).join('')}`;

const LINE_HEIGHT = 20;
/** Room for the widest of the fonts above. */
const CELL_WIDTH = 8.5;
const PADDING = 18;

/**
 * Draws text with ANSI escape sequences: colours, bold, faint, italic and underlined; other sequences have no effect.
 * @param options.columns where the terminal breaks lines
 */
export function terminalSvg(
  text: string,
  { title, columns }: { readonly title: string; readonly columns: number },
): string {
  const lines = linesOf(text).flatMap((line) => wrapped(line, columns));
  const longest = Math.max(...lines.map((line) => line.reduce((sum, piece) => sum + piece.text.length, 0)), 1);
  const body = lines.map((line, index) => {
    const y = PADDING + (index + 0.7) * LINE_HEIGHT;
    return `<text x="${PADDING}" y="${y}" xml:space="preserve">${line.map(pieceText).join('')}</text>`;
  });
  return svgFile({
    title,
    width: Math.ceil(longest * CELL_WIDTH) + 2 * PADDING,
    height: lines.length * LINE_HEIGHT + 2 * PADDING,
    palette: PALETTE,
    css: CSS,
    body: body.join('\n'),
  });
}

function pieceText({ text, look }: Piece): string {
  return look.size === 0 ? xmlText(text) : `<tspan class="${[...look].join(' ')}">${xmlText(text)}</tspan>`;
}

function linesOf(text: string): readonly Line[] {
  const lines: Piece[][] = [[]];
  let look: Look = new Set();
  const whole = text.replaceAll('\r\n', '\n').replace(/\n$/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  for (const [, parameters, command, plain = ''] of whole.matchAll(/\u001b\[([\d;?]*)([@-~])|([^\u001b]+|\u001b)/g)) {
    if (command === 'm') look = changed(look, parameters ?? '');
    plain.split('\n').forEach((piece, index) => {
      if (index > 0) lines.push([]);
      if (piece !== '') lines.at(-1)?.push({ text: piece, look });
    });
  }
  return lines;
}

/** The look after a sequence such as `1;32`. */
function changed(look: Look, parameters: string): Look {
  const next = new Set(look);
  for (const number of parameters.split(';').map(Number)) {
    for (const name of ENDS[number] ?? []) next.delete(name);
    const colour = number >= 90 && number <= 97 ? number - 60 : number;
    const name = STYLES[number] ?? (colour >= 30 && colour <= 37 ? COLOURS[colour - 30] : undefined);
    if (name === undefined) continue;
    if (COLOURS.includes(name)) for (const other of COLOURS) next.delete(other);
    next.add(name);
  }
  return next;
}

/** A line as a terminal breaks it. */
function wrapped(line: Line, columns: number): readonly Line[] {
  const rows: Piece[][] = [[]];
  let room = columns;
  for (const { text, look } of line) {
    let rest = [...text];
    while (rest.length > 0) {
      if (room === 0) {
        rows.push([]);
        room = columns;
      }
      const fits = rest.slice(0, room);
      rows.at(-1)?.push({ text: fits.join(''), look });
      rest = rest.slice(fits.length);
      room -= fits.length;
    }
  }
  return rows;
}
