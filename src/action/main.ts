import { runAction } from './action.js';

// Whoever reads the log may go away: the run goes on without it.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

void runAction(process.env).then((code) => {
  process.exitCode = code;
  // Ends what still waits, for example for a token service that hangs.
  process.stdout.write('', () => process.exit());
});
