import { UsageError } from '../errors.js';
import { EXIT, errorText } from './errors.js';
import { infoRequest } from './help/request.js';
import { showInfo } from './help/show.js';
import { paintFor } from './output/terminal.js';

// What the executable needs, in one file.
export { EXIT, errorText, isSignalExitCode } from './errors.js';

/** Runs a command line, without `node` and the script; resolves with the exit code, and never ends the process. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    const info = infoRequest(argv);
    if (info !== undefined) return await showInfo(info);
    const { runCommandLine } = await import('./run-command.js');
    return await runCommandLine(argv);
  } catch (error) {
    const verbose = argv.includes('-v') || argv.includes('--verbose');
    process.stderr.write(`${errorText(error, { verbose, paint: paintFor(process.stderr, process.env) })}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}
