import { runAction } from './action.js';

void runAction(process.env).then((code) => {
  process.exitCode = code;
  // Ends what still waits, for example for a token service that hangs.
  process.stdout.write('', () => process.exit());
});
