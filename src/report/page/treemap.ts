import { formatBytes, number } from '../format.js';
import type { Status } from '../status.js';
import { type Collected, type PageRow, weightOf } from './collect.js';
import { type Folder, folderNames, type Tally } from './folders.js';
import { type Html, html } from './html.js';
import { type Box, squarify } from './squarify.js';
import { STATUSES, statusClass } from './statuses.js';

/**
 * The picture is as wide as the page and has a fixed height: its own units are thousandths of the width, and pixels of the height. So its text has one
 * size at every width.
 */
const WIDTH = 1_000;
const HEIGHT = 460;
/** Objects with a rectangle of their own; the others of a folder share one for each status. */
const MOST_FILES = 400;
/** The least share of the whole that a rectangle has, so that a small change can be seen. */
const LEAST = 1 / 3_000;
/** The strip with the name of a folder. */
const STRIP = 18;
const EDGE = 2;

/** What has a rectangle: an object, or all others of a folder with one status. */
interface Leaf {
  readonly status: Status;
  readonly label: string;
  /** What is left of the label where it has no room. */
  readonly short?: string;
  readonly title: string;
  readonly bytes: number;
}

interface Branch {
  readonly name: string;
  readonly leaves: Leaf[];
  readonly branches: Branch[];
}

/** The site by folder, as a picture; areas are sizes. */
export function treemap({ folders, rows }: Pick<Collected, 'folders' | 'rows'>): Html {
  const largest = [...rows].sort((one, other) => weightOf(other) - weightOf(one)).slice(0, MOST_FILES);
  const filesIn = new Map<Folder, PageRow[]>();
  for (const row of largest) {
    const folder = folderOf(folders, row.path);
    const files = filesIn.get(folder) ?? [];
    files.push(row);
    filesIn.set(folder, files);
  }
  const root = branchOf('', folders, filesIn);
  const least = Math.max(1, bytesIn(root) * LEAST);
  const shapes: Html[] = [];
  draw(root, { x: 0, y: 0, width: WIDTH, height: HEIGHT }, least, '', shapes);
  return html`<svg class="treemap" width="100%" height="${HEIGHT}" role="img" aria-label="Objects by folder and size; the table lists them">${shapes}</svg>`;
}

function folderOf(root: Folder, path: string): Folder {
  let folder = root;
  for (const name of folderNames(path)) {
    const child = folder.children.get(name);
    if (child === undefined) return folder;
    folder = child;
  }
  return folder;
}

function branchOf(name: string, folder: Folder, filesIn: ReadonlyMap<Folder, readonly PageRow[]>): Branch {
  // A folder that has nothing but one folder is a part of its name.
  const [only] = folder.children;
  if (only !== undefined && folder.children.size === 1 && folder.own.size === 0)
    return branchOf(`${name}${only[0]}/`, only[1], filesIn);
  const files = filesIn.get(folder) ?? [];
  const leaves = files.map(fileLeaf);
  for (const [status, tally] of folder.own) {
    const own = files.filter((file) => file.status === status);
    const count = tally.count - own.length;
    const bytes = own.reduce((rest, file) => rest - weightOf(file), tally.bytes);
    if (count > 0) leaves.push(restLeaf(status, { count, bytes: Math.max(0, bytes) }, own.length > 0));
  }
  return {
    name,
    leaves,
    branches: [...folder.children].map(([child, below]) => branchOf(`${child}/`, below, filesIn)),
  };
}

function fileLeaf(row: PageRow): Leaf {
  const bytes = weightOf(row);
  return {
    status: row.status,
    label: row.path.slice(row.path.lastIndexOf('/', row.path.length - 2) + 1),
    title: `${row.path}: ${STATUSES[row.status].toLowerCase()}, ${formatBytes(bytes)}`,
    bytes,
  };
}

function restLeaf(status: Status, { count, bytes }: Tally, isRest: boolean): Leaf {
  const label = `${number(count)} ${isRest ? 'more ' : ''}${STATUSES[status].toLowerCase()}`;
  return { status, label, short: number(count), title: `${label}, ${formatBytes(bytes)}`, bytes };
}

function bytesIn({ leaves, branches }: Branch): number {
  return leaves.reduce((sum, leaf) => sum + leaf.bytes, 0) + branches.reduce((sum, one) => sum + bytesIn(one), 0);
}

function weightIn({ leaves, branches }: Branch, least: number): number {
  const own = leaves.reduce((sum, leaf) => sum + Math.max(least, leaf.bytes), 0);
  return own + branches.reduce((sum, branch) => sum + weightIn(branch, least), 0);
}

function draw(branch: Branch, box: Box, least: number, path: string, shapes: Html[]): void {
  const items = [
    ...branch.leaves.map((item) => ({ item, weight: Math.max(least, item.bytes) })),
    ...branch.branches.map((item) => ({ item, weight: weightIn(item, least) })),
  ].sort((one, other) => other.weight - one.weight);
  const boxes = squarify(
    items.map(({ weight }) => weight),
    box,
  );
  for (const [index, { item }] of items.entries()) {
    const own = boxes[index];
    if (own === undefined) continue;
    if ('status' in item) shapes.push(leafShape(item, own));
    else drawFolder(item, own, least, `${path}${item.name}`, shapes);
  }
}

/** A folder with its strip; one that is too small for its content is a rectangle with the status of most of it. */
function drawFolder(branch: Branch, box: Box, least: number, path: string, shapes: Html[]): void {
  const { x, y, width, height } = box;
  if (width < 8 || height < 8 || width * height < 300) {
    const bytes = bytesIn(branch);
    const title = `${path}: ${formatBytes(bytes)}`;
    shapes.push(leafShape({ status: statusOfMost(branch), label: branch.name, title, bytes }, box));
    return;
  }
  const hasStrip = width >= 45 && height >= STRIP + 20;
  const top = hasStrip ? STRIP : EDGE;
  const title = `${path}: ${formatBytes(bytesIn(branch))}`;
  shapes.push(
    html`<g class="folder">${rectangle(box)}${hasStrip ? labels(branch.name, box, 13) : undefined}<title>${title}</title></g>`,
  );
  const inner = { x: x + EDGE, y: y + top, width: width - 2 * EDGE, height: height - top - EDGE };
  draw(branch, inner, least, path, shapes);
}

/** A failure is seen anyway; else what has most bytes. */
function statusOfMost(branch: Branch): Status {
  const bytes = new Map<Status, number>();
  const add = ({ leaves, branches }: Branch): void => {
    for (const leaf of leaves) bytes.set(leaf.status, (bytes.get(leaf.status) ?? 0) + leaf.bytes);
    branches.forEach(add);
  };
  add(branch);
  if (bytes.has('failed')) return 'failed';
  return [...bytes].sort((one, other) => other[1] - one[1])[0]?.[0] ?? 'unchanged';
}

function leafShape({ status, label, short, title, bytes }: Leaf, box: Box): Html {
  const isHigh = box.height >= 34;
  const own = box.height < 17 ? undefined : labels(label, box, 14, { short });
  const size = isHigh ? labels(formatBytes(bytes), box, 28, { short: '', kind: 'size' }) : undefined;
  return html`<g class="${statusClass(status)}">${rectangle(box)}${own}${size}<title>${title}</title></g>`;
}

function rectangle({ x, y, width, height }: Box): Html {
  return html`<rect x="${percent(x)}" y="${pixels(y)}" width="${percent(width)}" height="${pixels(height)}"/>`;
}

/** Widths of the picture in pixels at which a label is measured: pages are about as wide on phones, on tablets and on desks. */
const PHONE = 320;
const TABLET = 700;
const DESK = 1_040;
const CHARACTER = 6.6;
const SHORTEST = 5;

/** A label, as long as its box is wide: a shorter one where the page is narrow, or none. The style sheet shows one of them. */
function labels(text: string, box: Box, baseline: number, options: LabelOptions = {}): readonly Html[] {
  const { x, y, width } = box;
  const shown: Html[] = [];
  const texts = [PHONE, TABLET, DESK].map((page) => fitting(text, (width / WIDTH) * page - 8, options.short));
  for (const [index, one] of texts.entries()) {
    if (one === '' || one === texts[index - 1]) continue;
    const until = texts.findIndex((other, at) => at > index && other !== one);
    const classes = [options.kind, `f${index}`, until < 0 ? undefined : `u${until}`].filter(Boolean).join(' ');
    shown.push(html`<text class="${classes}" x="${percent(x)}" y="${pixels(y + baseline)}" dx="4">${one}</text>`);
  }
  return shown;
}

interface LabelOptions {
  /** Shown instead of a cut text. */
  readonly short?: string | undefined;
  readonly kind?: 'size';
}

/** As much of a text as has room; empty where nothing has. */
function fitting(text: string, width: number, short: string | undefined): string {
  const most = Math.floor(width / CHARACTER);
  const characters = [...text.slice(0, 100)];
  if (text.length <= 100 && characters.length <= most) return text;
  if (short !== undefined) return short.length <= most ? short : '';
  return most < SHORTEST ? '' : `${characters.slice(0, most - 1).join('')}…`;
}

const percent = (thousandths: number): string => `${round(thousandths / 10)}%`;
const pixels = (amount: number): string => round(amount);
const round = (amount: number): string => String(Math.round(amount * 100) / 100);
