import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  Crc32cJs,
  Crc32cNode,
  Crc64Nvme,
  Crc64NvmeJs,
  crc64NvmeCrtContainer,
  init_crc
} from "./chunk-LBI26J7Y.mjs";
import {
  Crc32Js,
  Crc32Node
} from "./chunk-XD3QTEGU.mjs";
import "./chunk-B2NAOQ5N.mjs";
init_crc();
export {
  Crc32Node as Crc32,
  Crc32Js,
  Crc32Node,
  Crc32cNode as Crc32c,
  Crc32cJs,
  Crc32cNode,
  Crc64Nvme,
  Crc64NvmeJs,
  crc64NvmeCrtContainer
};
