import { counted, number, secondsText } from '../format.js';
import { type Html, html, NOTHING } from './html.js';
import type { Bucket, Timeline } from './timeline.js';

/** In pixels; the width is that of the page. */
const HEIGHT = 110;
const TOP = 20;
const AXIS = 18;

/** A short run has few bars, which would be blocks if they filled the width. */
const LEAST_BARS = 24;

/** Requests over time, as bars; nothing without requests. @param runMs how long the run took */
export function requestChart({ bucketMs, buckets, phases }: Timeline, runMs: number): Html {
  const most = Math.max(0, ...buckets.map(allIn));
  if (most === 0) return NOTHING;
  const total = buckets.reduce((sum, bucket) => sum + allIn(bucket), 0);
  const slots = Math.max(buckets.length, LEAST_BARS, Math.ceil(runMs / bucketMs));
  const endMs = slots * bucketMs;
  const base = HEIGHT - AXIS;
  const bars = buckets.flatMap((bucket, index) => {
    let top = base;
    return (['ok', 'throttled', 'failed'] as const).flatMap((kind) => {
      if (bucket[kind] === 0) return [];
      const height = Math.max(1, ((base - TOP) * bucket[kind]) / most);
      top -= height;
      const [x, width] = [share(index, slots), share(0.85, slots)];
      return [html`<rect class="r-${kind}" x="${x}" y="${round(top)}" width="${width}" height="${round(height)}"/>`];
    });
  });
  const begun = phases.filter(({ at }) => at < endMs);
  const marks = begun.map(({ phase, at }, index) => {
    const next = begun[index + 1]?.at ?? endMs;
    // A name that would run into the next one is left out.
    const hasRoom = (next - at) / endMs > (phase.length + 1) / 50;
    const name = hasRoom
      ? html`<text x="${share(at, endMs)}" y="12" dx="3" class="${(next - at) / endMs > 0.3 ? '' : 'f1'}">${phase}</text>`
      : undefined;
    return html`<line x1="${share(at, endMs)}" x2="${share(at, endMs)}" y1="2" y2="${base}"/>${name}`;
  });
  const peak = `${counted(most, 'request', 'requests')} in ${duration(bucketMs)}`;
  const label = `${counted(total, 'request', 'requests')} in ${duration(runMs)}; at most ${peak}`;
  return html`<figure><svg class="chart" width="100%" height="${HEIGHT}" role="img" aria-label="${label}">${marks}${bars}<line class="axis" x1="0" x2="100%" y1="${base}" y2="${base}"/><text y="${HEIGHT - 4}">0 s</text><text x="100%" y="${HEIGHT - 4}" text-anchor="end">${duration(endMs)}</text></svg>
<figcaption>${label}. ${legend(buckets)}</figcaption></figure>`;
}

function legend(buckets: readonly Bucket[]): Html {
  const count = (kind: keyof Bucket): number => buckets.reduce((sum, bucket) => sum + bucket[kind], 0);
  const [throttled, failed] = [count('throttled'), count('failed')];
  const key = (kind: keyof Bucket, text: string): Html =>
    html`<span class="key"><i class="r-${kind}"></i>${text}</span> `;
  return html`${throttled + failed > 0 ? key('ok', `${number(count('ok'))} answered`) : undefined}${throttled > 0 ? key('throttled', `${number(throttled)} asked to slow down`) : undefined}${failed > 0 ? key('failed', `${number(failed)} failed`) : undefined}`;
}

function allIn({ ok, throttled, failed }: Bucket): number {
  return ok + throttled + failed;
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : secondsText(ms / 1_000);
}

const share = (part: number, whole: number): string => `${round((part / whole) * 100)}%`;
const round = (amount: number): string => String(Math.round(amount * 100) / 100);
