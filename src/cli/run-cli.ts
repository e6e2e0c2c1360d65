import { UsageError } from '../errors.js';
import { errorText } from './error-text.js';
import { EXIT } from './exit-code.js';
import { type Invocation, parseCommandLine } from './parse.js';
import { paintFor } from './terminal.js';

/** Carries out a command line, without `node` and the script; resolves with the exit code, and never ends the process. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    return await carryOut(parseCommandLine(argv));
  } catch (error) {
    const verbose = argv.includes('-v') || argv.includes('--verbose');
    process.stderr.write(`${errorText(error, { verbose, paint: paintFor(process.stderr, process.env) })}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

/** Each command loads only what it needs: help must not wait for the SDK. */
async function carryOut(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case 'help': {
      const { helpText } = await import('./help.js');
      process.stdout.write(helpText(process.stdout.columns));
      return EXIT.done;
    }
    case 'version': {
      const { version } = await import('./version.js');
      process.stdout.write(`${version()}\n`);
      return EXIT.done;
    }
    case 'completion': {
      const { completionScript } = await import('./completion.js');
      process.stdout.write(completionScript(invocation.shell));
      return EXIT.done;
    }
    case 'put': {
      const { runPut } = await import('./run-put.js');
      return runPut(invocation.options, invocation.output);
    }
  }
}
