import type { BatchHead, BatchNumber } from "./store.ts";

/** A batch that has no number yet. */
export type Unnumbered<Batch extends BatchHead> = Omit<Batch, keyof BatchNumber>;

/** Records by what they are: the parts of a summary. */
export type RecordCounts = Readonly<Record<string, number>>;

/** A batch of one stream, and the records that are stored with it. */
export interface Gathered<Batch> {
  readonly batch: Batch;
  readonly counts: RecordCounts;
}

/** Gathers the records of one stream into batches. */
export interface Gatherer<Batch> {
  /** Records since the last take. */
  readonly records: number;
  /** What they hold, bytes. */
  readonly bytes: number;
  /** Drops the seconds that stream time has left behind for every reader. */
  prune(): void;
  /** What was gathered, to be committed in this order; none when nothing was. Gathering starts anew. */
  take(): Gathered<Batch>[];
}
