import { counted, number } from './format.js';
import type { Report } from './types.js';

/** What the live check found, as a sentence; undefined without one. */
export function liveCheckText({ liveCheck }: Pick<Report, 'liveCheck'>): string | undefined {
  if (liveCheck === undefined || liveCheck.checked === 0) return undefined;
  const { checked, failed, warnings } = liveCheck;
  if (failed > 0)
    return `Live site: ${number(failed)} of ${counted(checked, 'URL does', 'URLs do')} not serve what was uploaded.`;
  const urls = counted(checked, 'URL serves', 'URLs serve');
  return warnings.length === 0
    ? `Live site: ${urls} what was uploaded.`
    : `Live site: ${urls} what was uploaded, ${number(warnings.length)} of them changed on the way.`;
}

/** The URLs that failed, one a line, and how many more there are; empty where the message of the error names the only one. */
export function liveCheckFailures({ liveCheck }: Pick<Report, 'liveCheck'>, most: number): readonly string[] {
  if (liveCheck === undefined || liveCheck.failed < 2) return [];
  const { failed, failures } = liveCheck;
  const lines = failures.slice(0, most).map(({ url, message }) => `${url} ${message}`);
  return failed > lines.length ? [...lines, `… and ${number(failed - lines.length)} more`] : lines;
}
