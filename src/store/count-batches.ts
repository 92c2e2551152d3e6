import { firstSecondOf, HISTORY_SECONDS, secondOf } from "../core/stream-time.ts";
import { addToSum, type OpenSum } from "../distribution/category-sums.ts";
import { CountCells } from "../distribution/count-cells.ts";
import {
  type CountOutcome,
  type CountRule,
  categoryOf,
  isLate,
  whyUncounted,
} from "../distribution/count-rule.ts";
import { landmarkOf, movedLandmark, weightAt } from "../distribution/decay.ts";
import { SampleChooser, type ShowEvent } from "../distribution/sampling.ts";
import { type Place, Places } from "../records/place.ts";
import { sampleOf } from "../records/sample-event.ts";
import { BatchMarks, type Marks } from "./batch-marks.ts";
import type { Gathered, Gatherer, Unnumbered } from "./gatherer.ts";
import type { CountBatch } from "./store.ts";
import { type Footprints, PLACE_MS, printed } from "./trail.ts";

/**
 * Seconds, categories and samples within each, and categories in one batch at most: a script must not hold the server for long.
 * Measured with a thousand categories on two slow cores: 7 to 12 ms a batch, 21 ms for one that brings them all anew;
 * with 5000 it was 11 to 15 ms, and up to 50.
 */
const BATCH_ENTRIES_MAX = 2000;
/** What each of those weighs in memory, bytes. */
const ENTRY_BYTES = 128;
/** What a sample weighs at most besides, bytes. */
const SAMPLE_BYTES = 1024;

/** Events whose prints go into one batch at most; what is not needed any more goes by batches. */
const PRINTS_MAX = 20_000;
/** What one weighs in memory, bytes. */
const PRINT_WEIGHT = 128;

/** The part of the summary that events count in. */
const PART = { counted: "counted", unkeyed: "unkeyed", "left-out": "left out", refused: "refused" } as const;
type OpenCounts = Record<(typeof PART)[CountOutcome] | "ticks" | "repeats", number>;

/** What it takes to go on after an event, and to know it when it comes again. */
export interface Step {
  /** The source's own place of it, as JSON. */
  readonly cursor: string;
  message(): Buffer;
}

/** What is being gathered: the parts of a batch that are still added to. */
interface OpenBatch {
  readonly sums: Map<string, OpenSum>;
  readonly cells: CountCells;
  readonly counts: OpenCounts;
  readonly prints: Buffer[];
  /** The place of the last event. */
  cursor: string | undefined;
  landmark: number;
  newest: number | undefined;
}

interface ClosedBatch extends OpenBatch {
  readonly marks: Marks;
  readonly run: number | undefined;
  readonly place: Place | undefined;
  /** Greatest event time up to its end, ms. */
  readonly passed: number;
}

const emptyBatch = (): OpenBatch => ({
  sums: new Map(),
  cells: new CountCells(),
  counts: { counted: 0, unkeyed: 0, "left out": 0, refused: 0, ticks: 0, repeats: 0 },
  prints: [],
  cursor: undefined,
  landmark: Number.NaN,
  newest: undefined,
});

const entriesIn = ({ cells, sums }: OpenBatch): number => cells.entries + sums.size;
const bytesIn = (batch: OpenBatch): number =>
  entriesIn(batch) * ENTRY_BYTES + batch.cells.samples * SAMPLE_BYTES + batch.prints.length * PRINT_WEIGHT;

/**
 * Gathers the events and ticks of one stream into batches, each of which can be committed in some ten milliseconds and
 * holds weights of less than 64 half-lives.
 *
 * Holds one number a category and second, and three samples a second, for no more seconds than a reader could ask for,
 * and two numbers a category in each batch.
 */
export class CountBatches implements Gatherer<Unnumbered<CountBatch>> {
  readonly #stream: string;
  readonly #rule: CountRule;
  readonly #show: ShowEvent | undefined;
  readonly #chooser = new SampleChooser();
  readonly #marks = new BatchMarks();
  readonly #closed: ClosedBatch[] = [];
  #open = emptyBatch();
  /** The run that its records are of. */
  #run: number | undefined;
  #places = new Places();
  /** Up to where the last place reached that was told with footprints, ms. */
  #told = Number.NEGATIVE_INFINITY;
  #records = 0;
  #closedBytes = 0;
  /** The weight of what comes at this time, so that events of one time share the work. */
  #weight = { time: Number.NaN, weight: 0 };

  /** @param show shows the event that is being given; undefined: there are no samples. */
  constructor(stream: string, rule: CountRule, show?: ShowEvent) {
    this.#stream = stream;
    this.#rule = rule;
    this.#show = show;
  }

  get records(): number {
    return this.#records;
  }
  get bytes(): number {
    return this.#closedBytes + bytesIn(this.#open);
  }

  /** A run begins: what comes from now on is of it. @param passed greatest event time before it, ms, where it is known. */
  begin(run: number, passed: number | undefined): void {
    this.#close();
    this.#run = run;
    this.#places = new Places(passed);
  }

  /** @param t event time, ms. @param at arrival time, ms. @param step undefined where the source cannot go on after it. */
  event(key: string | null, t: number, at: number, step?: Step): void {
    const time = Math.max(at, this.#marks.time);
    if (!this.#hasRoomAt(time)) this.#close();
    this.#mark(at, this.#marks.connected);
    const open = this.#open;
    const category = categoryOf(key, this.#rule);
    open.counts[PART[category === null ? whyUncounted(key, this.#rule) : "counted"]]++;
    if (category !== null) this.#count(category, time);
    // A reader who has passed the second it is stamped with would never see it there.
    if (isLate(t, at, this.#rule)) open.cells.addLate(secondOf(time));
    else this.#addFresh(key, category, secondOf(time));
    const heard = Math.min(t, at);
    if (open.newest === undefined || heard > open.newest) open.newest = heard;
    if (step === undefined) return;
    open.prints.push(printed(step.message(), t, step.cursor));
    this.#pass(t, step.cursor);
  }

  /** An event came again that was counted before. @param cursor its place. */
  repeated(t: number, at: number, cursor: string): void {
    this.#mark(at, this.#marks.connected);
    this.#open.counts.repeats++;
    this.#pass(t, cursor);
  }

  /** Stream time went on to `at`, ms; it never goes back. */
  tick(at: number, connected: boolean): void {
    this.#mark(at, connected);
    this.#open.counts.ticks++;
  }

  take(): Gathered<Unnumbered<CountBatch>>[] {
    this.#close();
    this.prune();
    const taken = this.#closed.map((batch) => this.#finished(batch));
    this.#closed.length = 0;
    this.#closedBytes = 0;
    this.#records = 0;
    return taken;
  }

  prune(): void {
    const kept = firstSecondOf(this.#marks.time, HISTORY_SECONDS);
    this.#open.cells.forget(kept);
    this.#closedBytes = 0;
    for (const batch of this.#closed) {
      batch.cells.forget(kept);
      this.#closedBytes += bytesIn(batch);
    }
  }

  #pass(t: number, cursor: string): void {
    this.#places.pass(t, cursor);
    this.#open.cursor = cursor;
  }

  #mark(at: number, connected: boolean): void {
    this.#marks.mark(at, connected);
    this.#records++;
    if (Number.isNaN(this.#open.landmark)) this.#open.landmark = landmarkOf(this.#marks.time);
  }

  /** An event at stream time `time` can go into the open batch. */
  #hasRoomAt(time: number): boolean {
    const { landmark } = this.#open;
    if (entriesIn(this.#open) >= BATCH_ENTRIES_MAX || this.#open.prints.length >= PRINTS_MAX) return false;
    return Number.isNaN(landmark) || movedLandmark(landmark, time) === landmark;
  }

  #count(category: string, time: number): void {
    if (time !== this.#weight.time) this.#weight = { time, weight: weightAt(time, this.#open.landmark) };
    addToSum(this.#open.sums, category, 1, this.#weight.weight);
  }

  #addFresh(key: string | null, category: string | null, second: number): void {
    const { cells } = this.#open;
    cells.addFresh(second, category);
    if (this.#show === undefined || !this.#chooser.chooses(category, second)) return;
    const sample = sampleOf(this.#show(), category ?? key);
    if (sample !== undefined) cells.addSample(second, sample);
  }

  #close(): void {
    const marks = this.#marks.take();
    if (marks === undefined) return;
    const { last: place, greatest: passed } = this.#places;
    const tells = passed - this.#told >= PLACE_MS;
    if (tells) this.#told = passed;
    const cursor = tells ? this.#open.cursor : undefined;
    this.#closed.push({ ...this.#open, cursor, marks, run: this.#run, place, passed });
    this.#closedBytes += bytesIn(this.#open);
    this.#open = emptyBatch();
    this.#weight = { time: Number.NaN, weight: 0 };
  }

  #finished(closed: ClosedBatch): Gathered<Unnumbered<CountBatch>> {
    const { marks, sums, cells, counts, landmark, newest, run, place } = closed;
    const { categoriesMax, keys, other } = this.#rule;
    const selective = keys !== undefined || other !== undefined;
    const head = {
      stream: this.#stream,
      ...marks,
      run,
      place,
      footprints: footprintsOf(closed),
      newest,
      landmark,
      categoriesMax,
      other,
      selective,
    };
    const { repeats, ...others } = counts;
    const told = repeats > 0 ? counts : others;
    return { batch: { ...head, categories: sums, cells: cells.take() }, counts: { ...told } };
  }
}

function footprintsOf({ prints, cursor, passed }: ClosedBatch): Footprints | undefined {
  if (prints.length === 0) return undefined;
  return { passed, cursor, prints: Buffer.concat(prints) };
}
