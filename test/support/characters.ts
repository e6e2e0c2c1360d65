import fc from 'fast-check';

/** Any character, as fast-check's unit `binary`, which first builds a map of all million characters: a second of CPU time in each process. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10_ffff - 0x800)
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));
