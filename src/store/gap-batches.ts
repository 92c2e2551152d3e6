import {
  blindSeconds,
  firstSecondOf,
  HISTORY_SECONDS,
  type Mark,
  type SecondRange,
  secondOf,
} from "../core/stream-time.ts";
import { type GapCell, mergeCells } from "../rate/gap-window.ts";
import type { GapBatch } from "./store.ts";

/** A cell that gaps are still added to. */
type OpenCell = { -readonly [Field in keyof GapCell]: GapCell[Field] };

/** What was gathered of one stream since the last take. */
export type Gathered = Pick<GapBatch, "stream" | "ttl" | "first" | "last" | "cells" | "blind">;

/**
 * Gathers the gaps and ticks of one stream into one batch at a time, second by second.
 *
 * Holds one cell a second, for no more seconds than a reader could ask for.
 */
export class GapBatches {
  readonly #stream: string;
  readonly #ttl: number;
  #cells = new Map<number, OpenCell>();
  #blind: SecondRange[] = [];
  #first: Mark | undefined;
  #last: Mark | undefined;
  #openSecond = Number.NaN;
  #openCell: OpenCell | undefined;

  constructor(stream: string, ttl: number) {
    this.#stream = stream;
    this.#ttl = ttl;
  }

  /** Seconds gathered. */
  get size(): number {
    return this.#cells.size;
  }

  /** A gap released at stream time `at`, ms. @param t event time, ms. */
  gap(t: number, at: number, micros: number): void {
    this.mark(at, this.#last?.connected ?? true);
    const second = secondOf(at);
    if (second !== this.#openSecond) this.#open(second);
    const cell = this.#openCell;
    if (cell === undefined) {
      this.#openCell = { count: 1, sumMicros: micros, minMicros: micros, maxMicros: micros, newest: t };
      this.#cells.set(second, this.#openCell);
      return;
    }
    cell.count++;
    cell.sumMicros += micros;
    if (micros < cell.minMicros) cell.minMicros = micros;
    if (micros > cell.maxMicros) cell.maxMicros = micros;
    if (t > cell.newest) cell.newest = t;
  }

  /** Stream time went on to `at`, ms; it never goes back. */
  mark(at: number, connected: boolean): void {
    const last = this.#last;
    if (last !== undefined && this.#first !== undefined && at <= last.time && connected === last.connected)
      return;
    const mark = { time: last === undefined ? at : Math.max(at, last.time), connected };
    // The time before a batch's first mark is the store's to judge: it knows where the last batch ended.
    if (this.#first === undefined) this.#first = mark;
    else if (last !== undefined) this.#addBlind(blindSeconds(last, mark));
    this.#last = mark;
  }

  /** What was gathered, or undefined when nothing was; gathering starts anew. */
  take(): Gathered | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    this.prune();
    const gathered = {
      stream: this.#stream,
      ttl: this.#ttl,
      first: this.#first,
      last: this.#last,
      cells: this.#cells,
      blind: this.#blind,
    };
    this.#cells = new Map();
    this.#blind = [];
    this.#first = undefined;
    this.#openSecond = Number.NaN;
    this.#openCell = undefined;
    return gathered;
  }

  /** Drops the seconds that stream time has left behind for every reader. */
  prune(): void {
    if (this.#last === undefined) return;
    const kept = firstSecondOf(this.#last.time, this.#ttl + HISTORY_SECONDS);
    for (const second of this.#cells.keys()) if (second < kept) this.#cells.delete(second);
  }

  #open(second: number): void {
    this.#openSecond = second;
    this.#openCell = this.#cells.get(second);
  }

  #addBlind(range: SecondRange | undefined): void {
    if (range === undefined) return;
    const last = this.#blind.at(-1);
    const joined = last !== undefined && range.from <= last.to + 1 ? this.#blind.pop() : undefined;
    this.#blind.push({ from: joined?.from ?? range.from, to: range.to });
    const kept = range.to - HISTORY_SECONDS + 1;
    while (this.#blind[0]!.to < kept) this.#blind.shift();
    if (this.#blind[0]!.from < kept) this.#blind[0] = { from: kept, to: this.#blind[0]!.to };
  }
}

/** Seconds in one batch at most: a script must not hold the server for long. */
const BATCH_CELLS_MAX = 2000;

/**
 * What was gathered in pieces of at most 2,000 seconds, earliest first, to be committed in this order. Stream time
 * moves with the pieces, to the end of the last second of each, so that no reader finds a second completed before its
 * gaps are there.
 */
export function piecesOf(gathered: Gathered): Gathered[] {
  if (gathered.cells.size <= BATCH_CELLS_MAX) return [gathered];
  const cells = [...gathered.cells].sort(([a], [b]) => a - b);
  const pieces: Gathered[] = [];
  let { first, blind } = gathered;
  for (let at = 0; at < cells.length; at += BATCH_CELLS_MAX) {
    const part = cells.slice(at, at + BATCH_CELLS_MAX);
    const end = (part.at(-1)![0] + 1) * 1000;
    const isLast = at + BATCH_CELLS_MAX >= cells.length;
    // Seconds that an older input adds to must not pull stream time back.
    const time = Math.max(first.time, Math.min(end, gathered.last.time));
    const last = isLast ? gathered.last : { time, connected: gathered.last.connected };
    pieces.push({ ...gathered, first, last, cells: new Map(part), blind });
    first = last;
    blind = [];
  }
  return pieces;
}

/** The newest event time in a batch, ms; undefined where it holds no gap. */
export function newestOf(cells: ReadonlyMap<number, GapCell>): number | undefined {
  let all: GapCell | undefined;
  for (const cell of cells.values()) all = mergeCells(all, cell);
  return all?.newest;
}
