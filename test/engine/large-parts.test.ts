import { testLargeParts } from '../support/large-parts.js';

// The other two ways are among the large tests.
testLargeParts([
  ['sockets', 'crc32'],
  ['undici', 'md5'],
]);
