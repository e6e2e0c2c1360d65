import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import "./chunks/chunk-B2NAOQ5N.mjs";

// member:src/action/action.ts?
import { runAction } from "./chunks/step-9F1F6A95.mjs";
export {
  runAction
};
