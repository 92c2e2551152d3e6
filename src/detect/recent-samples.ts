import { plainText } from "../core/plain-text.ts";
import type { Example } from "../records/alert.ts";
import type { SampleEvent } from "../records/sample-event.ts";
import { EXAMPLES_MAX, type Snapshot } from "./detector.ts";
import { arrayOf, fieldsOf, isObject, isString, numberOf, stringOf } from "./snapshot.ts";

/** Samples that are kept. */
const KEPT_MAX = 48;
/** Longest words of an example, characters. */
const TEXT_CHARS_MAX = 200;

interface Kept {
  /** Stream time, ms. */
  readonly at: number;
  readonly sample: SampleEvent;
}

/** The last 48 sample events that records brought, for the examples of alerts. */
export class RecentSamples {
  #kept: Kept[] = [];
  #last: object | undefined;

  /** Each record once, whoever brings it. @param at its stream time, ms. */
  push(record: object, samples: readonly SampleEvent[], at: number): void {
    if (record === this.#last) return;
    this.#last = record;
    for (const sample of samples) this.#kept.push({ at, sample });
    if (this.#kept.length > KEPT_MAX) this.#kept = this.#kept.slice(-KEPT_MAX);
  }

  /** The newest that came after `from`, ms, of these categories; no two with the same words. */
  examples(categories: readonly string[], from: number): Example[] {
    const examples: Example[] = [];
    for (const { at, sample } of this.#kept.toReversed()) {
      const { id, key, url } = sample;
      if (at <= from || key === null || !categories.includes(key)) continue;
      const text = plainText(sample.text, TEXT_CHARS_MAX);
      if (text === "" || examples.some((example) => example.text === text)) continue;
      examples.push({ id, text, url });
      if (examples.length === EXAMPLES_MAX) break;
    }
    return examples;
  }

  snapshot(): Snapshot {
    return { kept: this.#kept.map(({ at, sample }) => ({ at, sample: { ...sample } })) };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    this.#kept = arrayOf(fieldsOf(snapshot, "samples"), "kept", isObject).map((item) => {
      const fields = fieldsOf(item, "kept");
      const sample = fieldsOf(fields["sample"], "sample");
      const name = (field: string) => (isString(sample[field]) ? sample[field] : null);
      return {
        at: numberOf(fields, "at"),
        sample: { key: name("key"), id: name("id"), text: stringOf(sample, "text"), url: name("url") },
      };
    });
  }
}
