import type { Place } from "../records/place.ts";
import type { Resumed } from "../records/resumed.ts";
import type { Trail } from "./trail.ts";

/** Where a branch of a stream had got to. */
export interface Progress {
  /** Something of it is there, if only a tick. */
  readonly known: boolean;
  /** What came before it is stored; undefined before the first. */
  readonly place: Place | undefined;
}

/** What a run begins with. */
export interface Beginning {
  /** Grows with each run of the stream. */
  readonly run: number;
  readonly gaps: Progress & { readonly edge: Resumed["gaps"] };
  readonly counts: Progress;
  /** The line of the first event that had a place. */
  readonly origin: string | undefined;
  /** Up to which event time, ms, counted events are not known again for want of room; undefined where there was enough. */
  readonly lost: number | undefined;
  /** With `lost`: behind this place they all are, those of the overlap before it included; undefined where none is so. */
  readonly oldest: Place | undefined;
}

/**
 * The store's part in going on where a killed run had got to: one run of a stream at a time, and what each branch commits
 * with its data.
 */
export interface ResumeStore {
  /** Begins a run of a stream: from now on, batches of earlier ones are refused. */
  beginRun(stream: string): Promise<Beginning>;
  /** The run that began last; 0 where none did. */
  currentRun(stream: string): Promise<number>;
  /** Keeps the line of the first event that has a place, unless one is there. */
  keepOrigin(stream: string, line: string): Promise<void>;
  /** What earlier runs counted, as far as it may come again, in that order. */
  trail(stream: string, run: number): Promise<readonly Trail[]>;
}
