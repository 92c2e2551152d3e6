/** Bytes gathered for one write, in a buffer that grows as needed. */
export class ByteWriter {
  readonly #capacity: number;
  #buffer: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Appends text as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, "utf8");
  }

  /** Appends one or two bytes, such as a bracket and a newline. */
  byte(first: number, second?: number): void {
    this.#reserve(2);
    this.#buffer[this.#length++] = first;
    if (second !== undefined) this.#buffer[this.#length++] = second;
  }

  /** Appends `source[start, end)`. */
  bytes(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    this.#length += source.copy(this.#buffer, this.#length, start, end);
  }

  /**
   * Hands over what was gathered. Where `write` says that the bytes have been taken, their place is used again;
   * else they belong to it, and the next ones go into a new buffer.
   */
  drain(write: (bytes: Buffer) => boolean): void {
    if (this.#length === 0) return;
    const taken = write(this.#buffer.subarray(0, this.#length));
    if (!taken) this.#buffer = Buffer.allocUnsafeSlow(this.#capacity);
    this.#length = 0;
  }

  /** What was gathered, which belongs to the caller from now on. */
  take(): Buffer {
    let taken = EMPTY;
    this.drain((bytes) => {
      taken = bytes;
      return false;
    });
    return taken;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2, this.#capacity));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
