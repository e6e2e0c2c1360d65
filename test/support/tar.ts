/** One member of an archive that a test makes. */
export interface TarEntry {
  readonly name: string | Buffer;
  readonly body?: string | Buffer;
  /** Type flag. @default '0' */
  readonly type?: string;
  /** Where a link leads. */
  readonly link?: string;
  /** Size in the header, where that is not the length of the body. */
  readonly size?: number;
  /** Records of a pax header in front of it. */
  readonly pax?: Readonly<Record<string, string | Buffer>>;
  /** The name in a GNU header in front of it. */
  readonly longName?: string | Buffer;
  /** `ustar` field for the directories of the name. */
  readonly prefix?: string;
}

const BLOCK = 512;

/** The two empty blocks that end an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** Makes an archive, with code that shares nothing with the reader. */
export function makeTar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), TAR_END]);
}

/** The blocks of one member. */
export function tarEntry({ name, body = '', type = '0', link = '', size, pax, longName, prefix }: TarEntry): Buffer {
  const bytes = Buffer.from(body);
  const before: Buffer[] = [];
  if (pax !== undefined) before.push(tarEntry({ name: 'PaxHeader', type: 'x', body: paxRecords(pax) }));
  if (longName !== undefined)
    before.push(tarEntry({ name: '././@LongLink', type: 'L', body: Buffer.concat([Buffer.from(longName), NUL]) }));
  const header = tarHeader({ name, type, link, size: size ?? bytes.length, prefix: prefix ?? '' });
  return Buffer.concat([...before, header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

const NUL = Buffer.alloc(1);

/** The block in front of a member. */
export function tarHeader(fields: {
  readonly name: string | Buffer;
  readonly type: string;
  readonly link: string;
  readonly size: number;
  readonly prefix: string;
}): Buffer {
  const block = Buffer.alloc(BLOCK);
  Buffer.from(fields.name).copy(block, 0, 0, 100);
  block.write('0000644\0', 100);
  if (fields.size < 0o77777777777) {
    block.write(`${fields.size.toString(8).padStart(11, '0')}\0`, 124);
  } else {
    block.writeBigUInt64BE(BigInt(fields.size), 128);
    block[124] = 0x80;
  }
  block.write('00000000000\0', 136);
  block.write(fields.type, 156);
  block.write(fields.link, 157);
  block.write('ustar\x0000', 257);
  block.write(fields.prefix, 345);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function paxRecords(records: Readonly<Record<string, string | Buffer>>): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
      let length = rest.length;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}
