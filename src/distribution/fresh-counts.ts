import type { SampleEvent } from "../records/sample-event.ts";
import type { EventFields } from "../records/stats.ts";
import type { CountCell } from "./counts.ts";
import { SAMPLES_MAX } from "./sampling.ts";

/**
 * The events since the record before, by category: fresh ones, the last of their samples, and how many were late. Holds
 * one number a category and three samples.
 */
export class FreshCounts {
  readonly #byKey = new Map<string, number>();
  readonly #samples: SampleEvent[] = [];
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

  addSample(sample: SampleEvent): void {
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  /** Adds the events of a second. */
  addCell({ byKey, rest, late, samples }: CountCell): void {
    this.#fresh += rest;
    this.#late += late;
    for (const [category, count] of byKey) {
      this.#fresh += count;
      this.#count(category, count);
    }
    for (const sample of samples) this.addSample(sample);
  }

  /** As a record tells them; categories sorted, so that the same events give the same line wherever they are counted. */
  fields(): Omit<EventFields, "seconds"> {
    const byKey = Object.fromEntries([...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { events: this.#fresh, late: this.#late, byKey, examples: this.#samples };
  }

  #count(category: string, count: number): void {
    this.#byKey.set(category, (this.#byKey.get(category) ?? 0) + count);
  }
}
