import { prepareCopyWithOrigin, preparePutWithOrigin } from '../config/locate-error.js';
import { printable } from '../report/format.js';
import { readArgv } from './argv.js';
import { NO_CONFIG, readConfigLayers, readsConfig, throwFirst } from './config.js';
import type { InfoRequest } from './help/request.js';
import { showInfo } from './help/show.js';
import { paintFor, printText } from './output/terminal.js';
import { type Invocation, parse } from './parse.js';
import { runCopy, runDelete, runPut } from './run-job.js';

/**
 * Runs a command line that asks for more than help or the version; resolves with the exit code. What only some commands need is loaded by them; the
 * build makes one file of the rest, because each file takes half a millisecond.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const invocation = await readInvocation(argv);
  return invocation.command === 'help' || invocation.command === 'version' ? showInfo(invocation) : execute(invocation);
}

async function execute(invocation: Exclude<Invocation, InfoRequest>): Promise<number> {
  switch (invocation.command) {
    case 'completion': {
      const { completionScript } = await import('./help/completion.js');
      return printText(process.stdout, completionScript(invocation.shell));
    }
    case 'print-config': {
      const { of, options, settings, refused } = invocation;
      await preparePutWithOrigin(options, settings);
      const { configText } = await import('./print-config.js');
      const code = await printText(process.stdout, configText(settings, of, refused));
      throwFirst(refused);
      return code;
    }
    case 'print-copy-config': {
      const { options, settings } = invocation.parsed;
      // Source and destination are checked with the lists of keys, which are not read here.
      await prepareCopyWithOrigin({ ...options, source: 's3://source', destination: 's3://destination' }, settings);
      const { configText } = await import('./print-config.js');
      const code = await printText(process.stdout, configText(settings, 'copy', invocation.refused));
      throwFirst(invocation.refused);
      return code;
    }
    case 'put':
    case 'finish':
      return runPut(invocation);
    case 'copy':
      return runCopy(invocation);
    case 'delete':
      return runDelete(invocation);
    case 'explain': {
      const { runExplain } = await import('./explain.js');
      return runExplain(invocation);
    }
    case 'worker': {
      const { runWorkerCommand } = await import('./fleet/run-worker.js');
      return runWorkerCommand(invocation);
    }
    case 'uploads': {
      const { runUploads } = await import('./run-uploads.js');
      return runUploads(invocation);
    }
  }
}

/** Merges the command line, the environment and files. */
async function readInvocation(argv: readonly string[]): Promise<Invocation> {
  const read = readArgv(argv);
  const config = readsConfig(read) ? await readConfigLayers(read, process.env) : NO_CONFIG;
  let invocation: Invocation | undefined;
  try {
    invocation = parse(read, config);
    if ('notice' in invocation && invocation.notice !== undefined)
      process.stderr.write(`s3-parallel-put: ${printable(invocation.notice)}\n`);
    return invocation;
  } finally {
    // Also after an error: a missing option may be misspelt in the environment.
    if (!(invocation !== undefined && 'output' in invocation && !invocation.output.summary))
      printWarnings(config.warnings);
  }
}

function printWarnings(warnings: readonly string[]): void {
  const { stderr, env } = process;
  const label = paintFor(stderr, env)('warning', 'warning:');
  for (const warning of warnings) stderr.write(`s3-parallel-put: ${label} ${printable(warning)}\n`);
}
