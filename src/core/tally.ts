import { formatNumber } from "./spans.ts";

/**
 * Counts of a run whose parts add up: `read` = the parts.
 *
 * Holds one number a part.
 */
export class Tally {
  /** Lines read, blank ones apart. */
  read = 0;
  readonly #parts = new Map<string, { count: number }>();
  readonly #main: string;
  readonly #verb: string;

  /** @param main the part that is always shown. @param verb what was done with the whole (`read`, `received`). */
  constructor(main: string, verb = "read") {
    this.#main = main;
    this.#verb = verb;
    this.#parts.set(main, { count: 0 });
  }

  add(part: string, count = 1): void {
    const known = this.#parts.get(part);
    if (known === undefined) this.#parts.set(part, { count });
    else known.count += count;
  }

  count(part: string): number {
    return this.#parts.get(part)?.count ?? 0;
  }

  /** `1541 read = 1426 gaps + 114 late + 1 first`; parts that are nought are left out, but for the main one. */
  toString(): string {
    const parts = this.#counts().filter(([name, count]) => count !== 0 || name === this.#main);
    return `${this.read} ${this.#verb} = ${parts.map(([name, count]) => `${count} ${name}`).join(" + ")}`;
  }

  /** The same as fields of a log record. */
  facts(): Record<string, number> {
    return { [this.#verb]: this.read, ...Object.fromEntries(this.#counts()) };
  }

  #counts(): [string, number][] {
    return [...this.#parts].map(([name, { count }]) => [name, count]);
  }
}

/** A count for the status line: `12,345`. */
export const formatCount = (count: number): string => (count < 100 ? String(count) : formatNumber(count));
