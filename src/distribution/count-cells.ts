import type { CountCell } from "./counts.ts";

/** A second that events are still added to. */
interface OpenCell {
  readonly byKey: Map<string, number>;
  rest: number;
  late: number;
}

/** Events by second of stream time. Holds one cell a second, with one number a category that came fresh in it. */
export class CountCells {
  #cells = new Map<number, OpenCell>();
  #openSecond = Number.NaN;
  #open: OpenCell | undefined;
  #entries = 0;

  /** Seconds, and categories within each. */
  get entries(): number {
    return this.#entries;
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

  get(second: number): CountCell | undefined {
    return this.#cells.get(second);
  }

  /** Lets go of the seconds before this one. */
  forget(before: number): void {
    for (const [second, { byKey }] of this.#cells) {
      // A later second may stand first: stopping there would keep all behind it for as long as that is to come.
      if (second >= before) continue;
      this.#cells.delete(second);
      this.#entries -= byKey.size + 1;
    }
    if (this.#openSecond < before) this.#openSecond = Number.NaN;
  }

  /** All that is there; adding starts anew. */
  take(): Map<number, CountCell> {
    const cells = this.#cells;
    this.#cells = new Map();
    this.#openSecond = Number.NaN;
    this.#entries = 0;
    return cells;
  }

  #at(second: number): OpenCell {
    if (second === this.#openSecond) return this.#open!;
    let cell = this.#cells.get(second);
    if (cell === undefined) {
      cell = { byKey: new Map(), rest: 0, late: 0 };
      this.#cells.set(second, cell);
      this.#entries++;
    }
    this.#openSecond = second;
    this.#open = cell;
    return cell;
  }
}
