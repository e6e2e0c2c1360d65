#!/usr/bin/env node
import { runCli } from './cli.js';
import { EXIT, errorText } from './errors.js';

// The SDK warns on Node versions that it will leave; users of a command cannot act on that. This is its own switch for it,
// and no other warning is touched.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// `--help | head -1` is no reason for a stack; a run notices by itself, and stops. Nobody to talk to on stderr changes nothing.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const argv = process.argv.slice(2);

process.on('uncaughtException', (error) => {
  process.stderr.write(`${errorText(error, { verbose: argv.includes('-v') || argv.includes('--verbose') })}\n`);
  process.exit(EXIT.failed);
});

// Not process.exit: what is still on its way to a pipe would be lost.
process.exitCode = await runCli(argv);
