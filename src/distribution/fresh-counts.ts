import type { EventFields } from "../records/stats.ts";
import type { CountCell } from "./counts.ts";

/** The events since the record before, by category: fresh ones, and how many were late. Holds one number a category. */
export class FreshCounts {
  readonly #byKey = new Map<string, number>();
  #fresh = 0;
  #late = 0;

  /** Events, late ones too. */
  get size(): number {
    return this.#fresh + this.#late;
  }

  /** @param category null for none, or one that is not counted. */
  addFresh(category: string | null): void {
    this.#fresh++;
    if (category !== null) this.#count(category, 1);
  }

  addLate(): void {
    this.#late++;
  }

  /** Adds the events of a second. */
  addCell({ byKey, rest, late }: CountCell): void {
    this.#fresh += rest;
    this.#late += late;
    for (const [category, count] of byKey) {
      this.#fresh += count;
      this.#count(category, count);
    }
  }

  /** As a record tells them; categories sorted, so that the same events give the same line wherever they are counted. */
  fields(): Omit<EventFields, "seconds"> {
    const byKey = Object.fromEntries([...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { events: this.#fresh, late: this.#late, byKey };
  }

  #count(category: string, count: number): void {
    this.#byKey.set(category, (this.#byKey.get(category) ?? 0) + count);
  }
}
