import { runAction } from './action.js';

// What the SDK says to programs on Node 20 is no affair of a workflow.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
void runAction(process.env).then((code) => {
  process.exitCode = code;
  // Whatever still waits, for a service of tokens that hangs, has nothing to wait for.
  process.stdout.write('', () => process.exit());
});
