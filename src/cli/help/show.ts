import { VERSION } from '../../model/version.js';
import { printText } from '../output/terminal.js';
import type { InfoRequest } from './request.js';

/** Shows help or the version; resolves with the exit code. */
export async function showInfo(request: InfoRequest): Promise<number> {
  if (request.command === 'version') return printText(process.stdout, `${VERSION}\n`);
  const { helpText } = await import('./help.js');
  return printText(process.stdout, helpText(process.stdout.columns, request.about));
}
