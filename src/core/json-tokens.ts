/** The tokens of JSON (RFC 8259) in bytes: each function gives the place behind one, or INVALID. */

export const QUOTE = 0x22;
export const SPACE = 0x20;
const BACKSLASH = 0x5c;
/** No token of the kind is there. */
export const INVALID = -1;

/** 1 for the letters that may follow a backslash, but for `u`. */
const SIMPLE_ESCAPE = new Uint8Array(256);
for (const letter of '"\\/bfnrt') SIMPLE_ESCAPE[letter.charCodeAt(0)] = 1;

export function skipSpace(b: Buffer, i: number): number {
  let c = b[i];
  while (c === SPACE || c === 0x09 || c === 0x0d) c = b[++i];
  return i;
}

/** The buffer scanned now, four bytes at a time, and the last place where four are left. */
let viewed: Buffer | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));
let viewEnd = -1;

/** Makes a buffer the one that is scanned: the functions below are right only for it. */
export function lookAt(buffer: Buffer): void {
  if (buffer === viewed) return;
  viewed = buffer;
  view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  viewEnd = buffer.length - 4;
}

/**
 * The first byte from `from` on that is a quote, a backslash or a control character.
 *
 * Four bytes at a time: `(v - 1) & ~v` has the top bit of each byte of v that is zero (and of some above the lowest
 * such byte, which does not matter for the lowest). H. S. Warren, Hacker's Delight, section 6-1.
 */
export function plainEnd(b: Buffer, from: number): number {
  const bytes = view;
  const end = viewEnd;
  let i = from;
  while (i <= end) {
    const word = bytes.getInt32(i, true);
    const quote = word ^ 0x22222222;
    const slash = word ^ 0x5c5c5c5c;
    const hits =
      (((quote - 0x01010101) & ~quote) | ((slash - 0x01010101) & ~slash) | ((word - 0x20202020) & ~word)) &
      0x80808080;
    if (hits !== 0) return i + ((31 - Math.clz32(hits & -hits)) >> 3);
    i += 4;
  }
  while (i < b.length && b[i]! >= SPACE && b[i] !== QUOTE && b[i] !== BACKSLASH) i++;
  return i;
}

/** From behind the opening quote to behind the closing one. */
export function skipString(b: Buffer, from: number): number {
  let i = from;
  for (;;) {
    i = plainEnd(b, i);
    const c = b[i];
    if (c === QUOTE) return i + 1;
    if (c !== BACKSLASH) return INVALID;
    const escaped = b[i + 1]!;
    if (SIMPLE_ESCAPE[escaped] === 1) i += 2;
    else if (escaped === 0x75 && hasFourHexDigits(b, i + 2)) i += 6;
    else return INVALID;
  }
}

function hasFourHexDigits(b: Buffer, i: number): boolean {
  for (let k = i; k < i + 4; k++) {
    const digit = b[k]! | 0x20;
    if (!((digit >= 0x30 && digit <= 0x39) || (digit >= 0x61 && digit <= 0x66))) return false;
  }
  return true;
}

export const isDigit = (c: number | undefined): boolean => c !== undefined && c >= 0x30 && c <= 0x39;

export function skipNumber(b: Buffer, from: number): number {
  let i = b[from] === 0x2d ? from + 1 : from;
  if (!isDigit(b[i])) return INVALID;
  if (b[i] === 0x30) i++;
  else while (isDigit(b[i])) i++;
  if (b[i] === 0x2e) {
    if (!isDigit(b[++i])) return INVALID;
    while (isDigit(b[i])) i++;
  }
  if (b[i] === 0x65 || b[i] === 0x45) {
    i++;
    if (b[i] === 0x2b || b[i] === 0x2d) i++;
    if (!isDigit(b[i])) return INVALID;
    while (isDigit(b[i])) i++;
  }
  return i;
}

const LITERALS = [Buffer.from("true"), Buffer.from("false"), Buffer.from("null")];

export function skipLiteral(b: Buffer, i: number): number {
  for (const literal of LITERALS) {
    if (b[i] === literal[0])
      return literal.every((byte, k) => b[i + k] === byte) ? i + literal.length : INVALID;
  }
  return INVALID;
}
