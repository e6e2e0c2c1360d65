import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import "./chunks/chunk-B2NAOQ5N.mjs";

// member:src/action/action.ts?
import { runAction } from "./chunks/step-38E04EAC.mjs";
export {
  runAction
};
