import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import {
  Crc32cJs,
  Crc32cNode,
  Crc64Nvme,
  Crc64NvmeJs,
  crc64NvmeCrtContainer,
  init_crc
} from "./chunk-FUVL7C3K.mjs";
import {
  Crc32Js,
  Crc32Node
} from "./chunk-ZQTTICJG.mjs";
import "./chunk-7NG3SK6H.mjs";
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
