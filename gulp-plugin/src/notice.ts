import type { Event, OnEvent } from 's3-parallel-put';
import { PLUGIN } from './plugin-error.js';

/** Said by this process already: a task that is watched need not say it with each run. */
const said = new Set<string>();

/** Shows warnings as Node shows its own, for whoever takes no events. */
export function noticeWarnings(event: Event): void {
  if (event.type !== 'warning' || said.has(event.message)) return;
  said.add(event.message);
  process.emitWarning(event.message, { type: PLUGIN, code: event.code });
}

/** Tells a warning of each code once. What a hook throws or rejects with is none of the file's that it is told of. */
export function warner(onEvent: OnEvent | undefined): (code: string, message: string) => void {
  const told = new Set<string>();
  return (code, message) => {
    if (told.has(code)) return;
    told.add(code);
    new Promise((resolve) => resolve(onEvent?.({ type: 'warning', code, message }))).catch(() => {});
  };
}
