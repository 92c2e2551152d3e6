import { firstSecondOf, HISTORY_SECONDS, secondOf } from "../core/stream-time.ts";
import { type GapCell, mergeCells } from "../rate/gap-window.ts";
import type { Place } from "../records/place.ts";
import { BatchMarks } from "./batch-marks.ts";
import type { Gathered, Gatherer, Unnumbered } from "./gatherer.ts";
import type { GapBatch } from "./store.ts";

/** A cell that gaps are still added to. */
type OpenCell = { -readonly [Field in keyof GapCell]: GapCell[Field] };

/** Seconds in one batch at most: a script must not hold the server for long. */
const BATCH_CELLS_MAX = 2000;
/** What a gathered second weighs in memory, bytes. */
const CELL_BYTES = 128;

/**
 * Gathers the gaps and ticks of one stream into one batch at a time, second by second.
 *
 * Holds one cell a second, for no more seconds than a reader could ask for.
 */
export class GapBatches implements Gatherer<Unnumbered<GapBatch>> {
  readonly #stream: string;
  readonly #ttl: number;
  readonly #marks = new BatchMarks();
  #cells = new Map<number, OpenCell>();
  #openSecond = Number.NaN;
  #openCell: OpenCell | undefined;
  #gaps = 0;
  #ticks = 0;
  /** The run that its records are of. */
  #run: number | undefined;
  #place: Place | undefined;
  #edge: { t: number; prints: string[] } | undefined;

  constructor(stream: string, ttl: number) {
    this.#stream = stream;
    this.#ttl = ttl;
  }

  get records(): number {
    return this.#gaps + this.#ticks;
  }
  get bytes(): number {
    return this.#cells.size * CELL_BYTES;
  }

  /** A gap released at stream time `at`, ms. @param t event time, ms. */
  gap(t: number, at: number, micros: number): void {
    this.#marks.mark(at, this.#marks.connected);
    this.#gaps++;
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

  /** Where to go on after the gap given last, and what tells its events from others of its time, as JSON without brackets. */
  place(t: number, place: Place | undefined, prints: string): void {
    this.#place = place ?? this.#place;
    if (prints === "") return;
    if (t !== this.#edge?.t) this.#edge = { t, prints: [] };
    this.#edge.prints.push(prints);
  }

  /** Stream time went on to `at`, ms; it never goes back. */
  tick(at: number, connected: boolean): void {
    this.#marks.mark(at, connected);
    this.#ticks++;
  }

  /** A run begins: what comes from now on is of it. */
  begin(run: number): void {
    this.#run = run;
  }

  take(): Gathered<Unnumbered<GapBatch>>[] {
    const marks = this.#marks.take();
    if (marks === undefined) return [];
    this.prune();
    const counts = { stored: this.#gaps, ticks: this.#ticks };
    const edge = this.#edge && { t: this.#edge.t, prints: this.#edge.prints.join(",") };
    const head = { stream: this.#stream, run: this.#run, place: this.#place, edge, ttl: this.#ttl };
    const pieces = piecesOf({ ...head, ...marks, cells: this.#cells });
    this.#place = undefined;
    this.#edge = undefined;
    this.#cells = new Map();
    this.#openSecond = Number.NaN;
    this.#openCell = undefined;
    this.#gaps = 0;
    this.#ticks = 0;
    const last = pieces.length - 1;
    return pieces.map((batch, i) => ({ batch, counts: i === last ? counts : {} }));
  }

  prune(): void {
    const kept = firstSecondOf(this.#marks.time, this.#ttl + HISTORY_SECONDS);
    for (const second of this.#cells.keys()) if (second < kept) this.#cells.delete(second);
  }

  #open(second: number): void {
    this.#openSecond = second;
    this.#openCell = this.#cells.get(second);
  }
}

/**
 * A batch in pieces of at most 2,000 seconds, earliest first, to be committed in this order. Stream time moves with
 * the pieces, to the end of the last second of each, so that no reader finds a second completed before its gaps are
 * there.
 */
function piecesOf(whole: Unnumbered<GapBatch>): Unnumbered<GapBatch>[] {
  // Where to go on and what lies before that go in together, or not at all.
  if (whole.cells.size <= BATCH_CELLS_MAX || whole.edge !== undefined) return [whole];
  const cells = [...whole.cells].sort(([a], [b]) => a - b);
  const pieces: Unnumbered<GapBatch>[] = [];
  let { first, blind } = whole;
  for (let at = 0; at < cells.length; at += BATCH_CELLS_MAX) {
    const part = cells.slice(at, at + BATCH_CELLS_MAX);
    const end = (part.at(-1)![0] + 1) * 1000;
    const isLast = at + BATCH_CELLS_MAX >= cells.length;
    // Seconds that an older input adds to must not pull stream time back.
    const time = Math.max(first.time, Math.min(end, whole.last.time));
    const last = isLast ? whole.last : { time, connected: whole.last.connected };
    pieces.push({ ...whole, first, last, cells: new Map(part), blind });
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
