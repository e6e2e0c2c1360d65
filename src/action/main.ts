import { runAction } from './action.js';

// The SDK's warning about the support of Node 20 does not help the users of a workflow.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
void runAction(process.env).then((code) => {
  process.exitCode = code;
  // Ends what still waits, for example for a token service that hangs.
  process.stdout.write('', () => process.exit());
});
