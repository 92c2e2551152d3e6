import { ToolError } from "../core/errors.ts";
import { Passing } from "../core/retry.ts";
import type { Mark, SecondRange } from "../core/stream-time.ts";
import type { CountDelta, CountedSecond, View, Weights } from "../distribution/counts.ts";
import type { CompletedSecond, GapCell } from "../rate/gap-window.ts";
import type { Place } from "../records/place.ts";
import type { AlertStore } from "./alert-store.ts";
import type { ResumeStore } from "./resume-store.ts";
import type { Footprints } from "./trail.ts";

/** What a stream's data is kept under. Each branch has its own stream time, connection state and cursor. */
export type Branch = "gaps" | "counts";

/** What tells a batch that is sent again from a new one. */
export interface BatchNumber {
  /** Random; one a process. */
  readonly writer: string;
  /** Grows with each batch of the writer. The same number again is the same batch again. */
  readonly sequence: number;
}

/** What every batch of a writer says, whatever it adds. */
export interface BatchHead extends BatchNumber {
  readonly stream: string;
  /** Where stream time stood at the first record of the batch, and at the last. */
  readonly first: Mark;
  readonly last: Mark;
  /** Seconds within the batch in which the source was not heard; those before `first` the store finds itself. */
  readonly blind: readonly SecondRange[];
  /** The run that it is of: once another has begun it is refused. undefined: no run, and never refused. */
  readonly run?: number | undefined;
  /** Where the source can be asked to go on after this batch. */
  readonly place?: Place | undefined;
}

/** Gaps that one writer adds to a stream in one step. */
export interface GapBatch extends BatchHead {
  /** Length of the window, s. */
  readonly ttl: number;
  /** By second of stream time. */
  readonly cells: ReadonlyMap<number, GapCell>;
  /** Event time of the last gap, ms, and the prints of the events of that time in this batch, as JSON without brackets. */
  readonly edge?: { readonly t: number; readonly prints: string } | undefined;
}

/** Counted events that one writer adds to a stream in one step. */
export interface CountBatch extends BatchHead, CountDelta {
  /** Some categories were left out, or put together, before they were counted. */
  readonly selective: boolean;
  /** To know its events again; undefined where the source cannot send any again. */
  readonly footprints?: Footprints | undefined;
}

export interface Committed {
  /** False when this batch was there already. */
  readonly applied: boolean;
  /** The store's stream time before this batch, ms; undefined where there was none. */
  readonly before: number | undefined;
}

export interface CountsCommitted extends Committed {
  /** Events that were counted under no category of their own, because there are too many; told of a batch sent again, too. */
  readonly refused: number;
}

export interface ReadRequest {
  readonly stream: string;
  /** Completed seconds wanted: at most this many, the last ones (900 are kept; up to 3,600 are told where they are there), */
  readonly seconds: number;
  /** and none before this one. */
  readonly from?: number | undefined;
}

export interface CountsRequest extends ReadRequest {
  /** Which totals are wanted. */
  readonly views: readonly View[];
}

/** Where a branch of a stream stands. */
export interface Standing {
  /** Stream time, ms since the Unix epoch. It never goes back. */
  readonly time: number;
  readonly connected: boolean;
  /** Greatest event time, ms; undefined before the first. */
  readonly newest: number | undefined;
  /** Wall seconds since stream time last moved, by the store's clock. */
  readonly stale: number;
}

/** A stream's counted events, read in one step. */
export interface CountsReading extends Standing {
  /** The completed seconds asked for, as far as they are kept; earliest first. */
  readonly completed: readonly CountedSecond[];
  /** The totals asked for, as of stream time; every known category is there. */
  readonly all: Weights | undefined;
  readonly recent: Weights | undefined;
  /** Some events were counted as of another category than their own, or of none: a batch was selective, or events were refused. */
  readonly selective: boolean;
}

/** A stream's window, read in one step. */
export interface Reading extends Standing {
  /** Length of the window, s. */
  readonly ttl: number;
  /** Gaps in the window, and their sum, shortest and longest in whole microseconds. */
  readonly count: number;
  readonly sumMicros: number;
  readonly minMicros: number | undefined;
  readonly maxMicros: number | undefined;
  /** The completed seconds asked for, as far as they are kept; earliest first. */
  readonly completed: readonly CompletedSecond[];
}

/**
 * Where windows, distributions and alerts live: several processes write and read them.
 *
 * A record belongs to the second of its arrival; a gap counts while `firstSecondOf` says so. A batch that is sent
 * again counts once. Stream time never goes back. Reading costs the same at any event rate.
 *
 * Every method throws StoreAway while the store cannot be reached, which may pass, and ToolError for what will not.
 */
export interface Store extends CountStore, AlertStore, ResumeStore {
  /** The streams that hold data in a branch, sorted. One of which there are only alerts is none of them. */
  streams(branch: Branch): Promise<string[]>;
  commit(batch: GapBatch): Promise<Committed>;
  /** undefined where nothing has been stored of that stream. */
  read(request: ReadRequest): Promise<Reading | undefined>;
  close(): Promise<void>;
}

/**
 * The counts' part of the store.
 *
 * Events count in the second of their arrival and weigh by stream time; plain counts and known categories are kept for
 * good. Reading costs the same however many events were counted.
 */
export interface CountStore {
  commitCounts(batch: CountBatch): Promise<CountsCommitted>;
  /** undefined where nothing has been counted of that stream. */
  readCounts(request: CountsRequest): Promise<CountsReading | undefined>;
}

/** @returns the error of a batch whose run is over. */
export const superseded = (stream: string): ToolError =>
  new ToolError(
    "unavailable",
    `${stream}: another ingest has taken this stream over; what this one still gives would count twice`,
    { facts: { stream } },
  );

/** Ceilings of the waits between two tries, ms. */
export const STORE_RETRY_MS = { first: 50, max: 1000 } as const;

/** The store does not answer now; the same call may succeed later. Nothing secret is in its message. */
export class StoreAway extends Passing {
  constructor(message: string, cause?: unknown) {
    super(message, { answered: false, cause });
    this.name = "StoreAway";
  }
}
