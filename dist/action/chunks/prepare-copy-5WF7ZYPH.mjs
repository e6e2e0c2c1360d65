import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  prepareCopy
} from "./chunk-H5KBYABR.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  prepareCopy
};
