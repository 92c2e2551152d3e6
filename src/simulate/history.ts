/** How long what was sent is kept, ms of the stream's time. */
const KEPT_MS_MAX = 15 * 60_000;
/** How much of it is kept, bytes. */
const KEPT_BYTES_MAX = 256 * 1024 * 1024;

/** Lines that were sent at one time. */
export interface Batch {
  /** Counts from 0, one more for each batch. */
  readonly sequence: number;
  /** ms from the start. */
  readonly at: number;
  /** Messages sent before these. */
  readonly messagesBefore: number;
  /** Bytes sent before these. */
  readonly bytesBefore: number;
  readonly bytes: Buffer;
  /** Where each line ends, its newline included. */
  readonly ends: readonly number[];
  /** Of each line, ms since the epoch; undefined for a line that is no message. */
  readonly mtimes: readonly (number | undefined)[];
}

/** What one stream has sent, the newest part of it: 15 minutes or 256 MiB, whichever is less. */
export interface History {
  append(lines: Pick<Batch, "at" | "bytes" | "ends" | "mtimes">): void;
  /** undefined when it is not sent yet, or no longer kept. */
  batch(sequence: number): Batch | undefined;
  /** The oldest batch that is kept, or the one to come. */
  readonly first: number;
  /** The batch to come. */
  readonly next: number;
  /** Messages, and lines that are none, sent so far. */
  readonly messages: number;
  readonly broken: number;
  readonly bytes: number;
  /** Messages that are kept. */
  readonly kept: number;
}

export function history(): History {
  const batches: Batch[] = [];
  let next = 0;
  let messages = 0;
  let broken = 0;
  let bytes = 0;
  const first = () => batches[0]?.sequence ?? next;

  return {
    append(lines) {
      const good = lines.mtimes.reduce<number>((sum, mtime) => sum + (mtime === undefined ? 0 : 1), 0);
      batches.push({ ...lines, sequence: next++, messagesBefore: messages, bytesBefore: bytes });
      messages += good;
      broken += lines.mtimes.length - good;
      bytes += lines.bytes.length;
      const isOld = ({ at, bytesBefore }: Batch) =>
        at < lines.at - KEPT_MS_MAX || bytes - bytesBefore > KEPT_BYTES_MAX;
      while (batches.length > 1 && isOld(batches[0]!)) batches.shift();
    },
    batch: (sequence) => batches[sequence - first()],
    get first() {
      return first();
    },
    get next() {
      return next;
    },
    get messages() {
      return messages;
    },
    get broken() {
      return broken;
    },
    get bytes() {
      return bytes;
    },
    get kept() {
      return messages - (batches[0]?.messagesBefore ?? messages);
    },
  };
}
