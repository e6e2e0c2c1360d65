import type { Report } from '../report/report.js';
import { fenced } from './markdown.js';

/** A thinner slice cannot be seen. */
const THINNEST = 0.01;
const FEWEST = 3;

/** Objects by what happened to them; each is in one slice. All names are of our own, so that Mermaid reads none of others. */
function slices({ reasons, counts, notAttempted }: Report): readonly (readonly [name: string, count: number])[] {
  const skipped = counts.skip;
  const same = Object.entries(reasons).reduce(
    (sum, [reason, count]) => sum + (reason.startsWith('same ') ? count : 0),
    0,
  );
  const changed = counts.put + counts.copy + counts.metadata + counts.delete;
  const added = Math.min(reasons.new ?? 0, changed);
  return [
    ['new', added],
    ['changed', changed - added],
    ['unchanged', same],
    ['skipped', Math.max(0, skipped - same)],
    ['failed', counts.fail],
    ['not attempted', notAttempted ?? 0],
  ];
}

/** A Mermaid pie of the objects; undefined where it says no more than the table of counts. */
export function pieChart(report: Report): string | undefined {
  const all = slices(report);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  const seen = all.filter(([, count]) => count > 0 && count >= total * THINNEST);
  if (seen.length < FEWEST) return undefined;
  return fenced('mermaid', ['pie showData', 'title Objects', ...seen.map(([name, count]) => `"${name}" : ${count}`)]);
}
