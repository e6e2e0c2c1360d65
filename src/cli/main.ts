#!/usr/bin/env node
import module from 'node:module';
import { VERSION } from '../model/version.js';
import { tooFewToLoad } from '../run/descriptors.js';

const argv = process.argv.slice(2);
// The version needs no other module. What cannot be written is written again below, which says why.
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V') && (await isWritten(`${VERSION}\n`)))
  process.exit(0);

// Node's own error, while it loads modules, names neither the limit nor the fix.
const tooFew = tooFewToLoad();
if (tooFew !== undefined) {
  process.stderr.write(`s3-parallel-put: ${tooFew}\n`);
  process.exit(2);
}

// From Node 22.8 on, what is compiled is kept for the next run. Only modules that are loaded after this call are.
// The types of Node 20 do not know it. https://nodejs.org/api/module.html#moduleenablecompilecacheoptions
(module as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

const { runCli, EXIT, errorText, isSignalExitCode } = await import('./cli.js').catch((error: NodeJS.ErrnoException) => {
  // There is no module yet that could write it.
  const fix =
    error.code === 'EMFILE'
      ? 'This process may open too few files: allow more, as with "ulimit -n 1024".'
      : `Is the installation complete? s3-parallel-put needs Node 20.19 or later, and this is ${process.version}.`;
  process.stderr.write(`s3-parallel-put: its own files cannot be loaded: ${error.message}\n  ${fix}\n`);
  process.exit(2);
});

// `--help | head -1` must not print a stack. Commands learn of a failed write themselves.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.on('uncaughtException', (error) => {
  process.stderr.write(`${errorText(error, { verbose: argv.includes('-v') || argv.includes('--verbose') })}\n`);
  process.exit(EXIT.failed);
});

const code = await runCli(argv);
// Not process.exit at once, which loses output that is still being written to a pipe.
process.exitCode = code;
// After a signal or without access, ends what still waits, for example for a service or a process that provides credentials.
if (code === EXIT.denied || isSignalExitCode(code))
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));

function isWritten(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.once('error', () => resolve(false));
    process.stdout.write(text, (error) => resolve(error === null || error === undefined));
  });
}
