import type { Source } from './entry.js';

/** What a source, or the part of it that can be walked twice, holds, from names and sizes alone. */
export interface Survey {
  /** Everything that will have an outcome. */
  readonly objects: number;
  readonly bytes: number;
  /** Of `objects`, those that are no usable entry but only skipped. */
  readonly skipped: number;
  /** What was skipped first, and why. */
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 3;

/** Walks what can be walked twice once without sending anything. Throws `UsageError` where a source does not exist or two give one key. */
export async function survey(source: Source, signal: AbortSignal): Promise<Survey> {
  let objects = 0;
  let bytes = 0;
  let skipped = 0;
  const examples: string[] = [];
  for await (const unit of source.survey?.(signal) ?? []) {
    objects += 1;
    if (unit.kind === 'entry') bytes += unit.size ?? 0;
    else if (unit.action === 'skip') {
      skipped += 1;
      if (examples.length < MOST_EXAMPLES) examples.push(`${unit.origin} (${unit.reason})`);
    }
  }
  return { objects, bytes, skipped, examples };
}
