import { UsageError } from '../errors.js';
import { printable } from '../report/format.js';
import { VERSION } from '../version.js';
import { EXIT, errorText } from './errors.js';
import { infoRequest } from './help/request.js';
import { paintFor, printText } from './output/terminal.js';
import type { Invocation } from './parse.js';

/** Runs a command line, without `node` and the script; resolves with the exit code, and never ends the process. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    return await execute(infoRequest(argv) ?? (await readInvocation(argv)));
  } catch (error) {
    const verbose = argv.includes('-v') || argv.includes('--verbose');
    process.stderr.write(`${errorText(error, { verbose, paint: paintFor(process.stderr, process.env) })}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

/** Merges the command line, the environment and files. */
async function readInvocation(argv: readonly string[]): Promise<Invocation> {
  const [{ readArgv }, { parse }, { NO_CONFIG, readConfigLayers, readsConfig }] = await Promise.all([
    import('./argv.js'),
    import('./parse.js'),
    import('./config.js'),
  ]);
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

/** Each command loads only the modules that it needs: help and version wait neither for the SDK nor for what reads options. */
async function execute(invocation: Invocation): Promise<number> {
  switch (invocation.command) {
    case 'help': {
      const { helpText } = await import('./help/help.js');
      return printText(process.stdout, helpText(process.stdout.columns, invocation.about));
    }
    case 'version':
      return printText(process.stdout, `${VERSION}\n`);
    case 'completion': {
      const { completionScript } = await import('./help/completion.js');
      return printText(process.stdout, completionScript(invocation.shell));
    }
    case 'print-config': {
      const { options, settings, refused } = invocation;
      const { preparePutWithOrigin } = await import('../config/locate-error.js');
      await preparePutWithOrigin(options, settings);
      const { configText } = await import('./print-config.js');
      const code = await printText(process.stdout, configText(settings, 'put', refused));
      (await import('./config.js')).throwFirst(refused);
      return code;
    }
    case 'print-copy-config': {
      const { options, settings } = invocation.parsed;
      const { prepareCopyWithOrigin } = await import('../config/locate-error.js');
      // Source and destination are checked with the lists of keys, which are not read here.
      await prepareCopyWithOrigin({ ...options, source: 's3://source', destination: 's3://destination' }, settings);
      const { configText } = await import('./print-config.js');
      const code = await printText(process.stdout, configText(settings, 'copy', invocation.refused));
      (await import('./config.js')).throwFirst(invocation.refused);
      return code;
    }
    case 'put': {
      const { runPut } = await import('./run-job.js');
      return runPut(invocation);
    }
    case 'copy': {
      const { runCopy } = await import('./run-job.js');
      return runCopy(invocation);
    }
    case 'delete': {
      const { runDelete } = await import('./run-job.js');
      return runDelete(invocation);
    }
    case 'explain': {
      const { runExplain } = await import('./explain.js');
      return runExplain(invocation);
    }
    case 'uploads': {
      const { runUploads } = await import('./run-uploads.js');
      return runUploads(invocation);
    }
  }
}
