import { testLargeParts } from '../support/large-parts.js';

testLargeParts([
  ['sockets', 'crc32'],
  ['sockets', 'md5'],
  ['undici', 'crc32'],
  ['undici', 'md5'],
]);
