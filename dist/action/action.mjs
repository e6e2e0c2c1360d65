import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import "./chunks/chunk-B2NAOQ5N.mjs";

// member:src/action/action.ts?
import { runAction } from "./chunks/step-5CB4F8FA.mjs";
export {
  runAction
};
