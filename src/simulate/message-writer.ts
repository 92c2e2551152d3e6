import type { ByteWriter } from "../core/byte-writer.ts";
import type { Community } from "./community.ts";
import type { Random } from "./random.ts";

/** What the writer of one stream's messages is given. */
export interface WriterSettings {
  readonly seed: string;
  readonly community: Community;
  readonly random: Random;
  /** ms since the epoch. */
  readonly start: number;
}

/** Writes one message, a line with its newline. */
export type WriteMessage = (
  to: ByteWriter,
  message: {
    /** ms since the epoch. */
    readonly mtime: number;
    /** Index of PLACES. */
    readonly place: number;
  },
) => void;

/** Makes the writer of one stream's messages; what it needs to repeat itself lives in it, bounded. */
export type MessageWriter = (settings: WriterSettings) => WriteMessage;
