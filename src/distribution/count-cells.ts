import type { SampleEvent } from "../records/sample-event.ts";
import type { CountCell } from "./counts.ts";
import { SAMPLES_MAX } from "./sampling.ts";

/** A second that events are still added to. */
interface OpenCell {
  readonly byKey: Map<string, number>;
  rest: number;
  late: number;
  readonly samples: SampleEvent[];
}

/**
 * Events by second of stream time. Holds one cell a second, with one number a category that came fresh in it, and three
 * samples.
 */
export class CountCells {
  #cells = new Map<number, OpenCell>();
  #openSecond = Number.NaN;
  #open: OpenCell | undefined;
  #entries = 0;
  #samples = 0;

  /** Seconds, and categories and samples within each. */
  get entries(): number {
    return this.#entries;
  }
  /** Samples among them. */
  get samples(): number {
    return this.#samples;
  }

  /** Adds fresh events. @param category null for none, or one that is not counted. */
  addFresh(second: number, category: string | null, count = 1): void {
    const cell = this.#at(second);
    if (category === null) {
      cell.rest += count;
      return;
    }
    const known = cell.byKey.get(category);
    if (known === undefined) this.#entries++;
    cell.byKey.set(category, (known ?? 0) + count);
  }

  addLate(second: number, count = 1): void {
    this.#at(second).late += count;
  }

  /** Adds a fresh event as a sample, unless the second has three. */
  addSample(second: number, sample: SampleEvent): void {
    const { samples } = this.#at(second);
    if (samples.length >= SAMPLES_MAX) return;
    samples.push(sample);
    this.#entries++;
    this.#samples++;
  }

  get(second: number): CountCell | undefined {
    return this.#cells.get(second);
  }

  /** Lets go of the seconds before this one. */
  forget(before: number): void {
    for (const [second, { byKey, samples }] of this.#cells) {
      // A later second may stand first: stopping there would keep all behind it for as long as that is to come.
      if (second >= before) continue;
      this.#cells.delete(second);
      this.#entries -= byKey.size + samples.length + 1;
      this.#samples -= samples.length;
    }
    if (this.#openSecond < before) this.#openSecond = Number.NaN;
  }

  /** All that is there; adding starts anew. */
  take(): Map<number, CountCell> {
    const cells = this.#cells;
    this.#cells = new Map();
    this.#openSecond = Number.NaN;
    this.#entries = 0;
    this.#samples = 0;
    return cells;
  }

  #at(second: number): OpenCell {
    if (second === this.#openSecond) return this.#open!;
    let cell = this.#cells.get(second);
    if (cell === undefined) {
      cell = { byKey: new Map(), rest: 0, late: 0, samples: [] };
      this.#cells.set(second, cell);
      this.#entries++;
    }
    this.#openSecond = second;
    this.#open = cell;
    return cell;
  }
}
