import { BASE } from './clients/all.js';
import type { Figures, Row, WorkloadResult } from './result.js';
import type { Verdict } from './targets.js';

type Cells = readonly string[];

const HEAD: Cells = [
  'client',
  'wall s',
  'objects/s',
  'MB/s',
  'CPU s',
  'CPU µs/object',
  'RSS MB',
  'CPU ours/theirs',
  'CPU theirs/ours',
  'objects/s ours/theirs',
  'requests seen',
];

/** The results of a workload as a table of medians. */
export function tableOf({ name, title, concurrency, objects, sent, bytes, rows }: WorkloadResult): string {
  const base = rows.find(({ client }) => client === BASE)?.figures;
  const size = `${objects} files, ${(bytes / 1e6).toFixed(1)} MB${sent === objects ? '' : `, ${sent} to send`}`;
  return [
    `${name}: ${title} (${size}, ${concurrency} in flight)`,
    ...alignColumns([HEAD, ...rows.map((row) => cellsOf(row, base))]),
  ].join('\n');
}

function cellsOf({ client, runs, figures }: Row, base: Figures | undefined): Cells {
  if (figures === undefined) {
    return [client, ...HEAD.slice(2).map(() => '-'), runs.find(({ problem }) => problem !== undefined)?.problem ?? '-'];
  }
  const ratio = (a: number | undefined, b: number | undefined): string =>
    a === undefined || b === undefined ? '-' : (a / b).toFixed(2);
  return [
    client,
    figures.wallSeconds.toFixed(2),
    figures.objectsPerSecond.toFixed(0),
    figures.megabytesPerSecond.toFixed(1),
    figures.cpuSeconds.toFixed(2),
    figures.cpuMicrosecondsPerObject.toFixed(0),
    figures.peakMegabytes.toFixed(0),
    ratio(base?.cpuSeconds, figures.cpuSeconds),
    ratio(figures.cpuSeconds, base?.cpuSeconds),
    ratio(base?.objectsPerSecond, figures.objectsPerSecond),
    requestsText(figures),
  ];
}

function requestsText({ requests, unsigned, unchecked }: Figures): string {
  const verbs = Object.entries(requests).map(([verb, times]) => `${times} ${verb}`);
  const without = [
    ...(unsigned === 0 ? [] : [`${unsigned} with unsigned payload`]),
    ...(unchecked === 0 ? [] : [`${unchecked} without a checksum`]),
  ];
  return [...verbs, ...without].join(', ') || 'none';
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ workload, figure, client, peer, minus, atMost, atLeast, value, met }) => [
    minus === undefined ? workload : `${workload} − ${minus}`,
    peer === undefined
      ? `${figure}${client === undefined ? '' : ` ${client}`}`
      : `${figure} ${client ?? 'ours'}/${peer}`,
    atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`,
    Number.isInteger(value) ? String(value) : value.toFixed(2),
    met ? 'met' : 'NOT met',
  ]);
  return ['targets, for 10,000 files', ...alignColumns([['workload', 'figure', 'target', 'here', ''], ...rows])].join(
    '\n',
  );
}

/** Pads cells to the width of their column; the first and the last column are aligned left, the others right. */
function alignColumns(rows: readonly Cells[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at === 0 ? cell.padEnd(widths[at] ?? 0) : at === columns - 1 ? cell : cell.padStart(widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
