/** Slots of the cache; two texts that share one take turns in it. A power of two. */
const SLOTS = 4096;
/** Longer texts are built each time, bytes. */
const BYTES_MAX = 64;
/** FNV-1a. http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Gives the text of `buffer[start, end)`, UTF-8, without building those that came lately again. Holds 4096 texts. */
export function textCache(): (buffer: Buffer, start: number, end: number) => string {
  const texts: string[] = new Array<string>(SLOTS).fill("");
  const bytes: Buffer[] = new Array<Buffer>(SLOTS).fill(Buffer.alloc(0));
  return (buffer, start, end) => {
    const length = end - start;
    if (length > BYTES_MAX) return buffer.toString("utf8", start, end);
    let hash = FNV_OFFSET;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ buffer[i]!, FNV_PRIME);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    if (!equals(bytes[slot]!, buffer, start, length)) {
      bytes[slot] = Buffer.from(buffer.subarray(start, end));
      texts[slot] = buffer.toString("utf8", start, end);
    }
    return texts[slot]!;
  };
}

function equals(known: Buffer, buffer: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== buffer[start + i]) return false;
  return true;
}
