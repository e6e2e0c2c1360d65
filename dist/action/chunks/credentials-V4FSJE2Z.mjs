import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  environmentVariable,
  explainedChain
} from "./chunk-Q5OWGGR3.mjs";
import "./chunk-EG7RN6WX.mjs";
import "./chunk-V4SOD5VY.mjs";
import "./chunk-TSCA43P4.mjs";
import "./chunk-ZQTTICJG.mjs";
import "./chunk-7NG3SK6H.mjs";
import "./chunk-B2NAOQ5N.mjs";
export {
  environmentVariable,
  explainedChain
};
