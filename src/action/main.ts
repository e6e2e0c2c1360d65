import { VERSION } from '../model/version.js';

// Whoever reads the log may go away: the run goes on without it.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

// Before anything else is loaded, so that a log says at once what runs.
process.stdout.write(`s3-parallel-put ${VERSION} on Node ${process.versions.node}\n`);

void import('./action.js')
  .then(({ runAction }) => runAction(process.env))
  .then((code) => {
    process.exitCode = code;
    // Ends what still waits, for example for a token service that hangs.
    process.stdout.write('', () => process.exit());
  });
