import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  pMap,
  pMapIterable,
  pMapKeyed,
  pMapSettled,
  pMapSettledKeyed,
  pMapSkip,
  pMapStop
} from "./chunk-BN6H7DR5.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  pMap as default,
  pMapIterable,
  pMapKeyed,
  pMapSettled,
  pMapSettledKeyed,
  pMapSkip,
  pMapStop
};
