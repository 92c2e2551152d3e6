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

  /** What was gathered since the last take. It belongs to the caller; the next bytes go into a new buffer. */
  take(): Buffer {
    if (this.#length === 0) return EMPTY;
    const taken = this.#buffer.subarray(0, this.#length);
    // invariant: no byte of a taken buffer is ever written again, for a pipe may still be reading it.
    const rest = this.#buffer.subarray(this.#length);
    this.#buffer = rest.length > this.#capacity / 2 ? rest : Buffer.allocUnsafeSlow(this.#capacity);
    this.#length = 0;
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

const EMPTY = Buffer.alloc(0);
