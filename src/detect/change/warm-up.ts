import type { Snapshot } from "../detector.ts";
import { booleanOf, fieldsOf, numberOf } from "../snapshot.ts";
import type { Sample } from "./baseline.ts";

/** Nothing is judged before so much was heard, s. */
const WARM_UP_SECONDS = 60;
/** A change is looked for after so long, s; where the stream is never steady for a minute in so long, no more. */
const REHEARSAL_SECONDS = 10;
const REHEARSED_SECONDS = 900;

/**
 * The time before anything is judged: a minute and as many events as are needed, in which nothing changes. Where
 * something does, it begins anew. Holds three numbers.
 */
export class WarmUp {
  readonly #eventsNeeded: number;
  /** Heard, s, and counted since it began, anew or at first; and all that was heard. */
  #heard = 0;
  #events = 0;
  #tried = 0;
  #isOver = false;

  constructor(events: number) {
    this.#eventsNeeded = events;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Enough is known to ask whether something changed. */
  get isRehearsing(): boolean {
    return this.#heard >= REHEARSAL_SECONDS && this.#tried < REHEARSED_SECONDS;
  }

  push({ counts, channels, seconds }: Sample): void {
    this.#heard += seconds;
    this.#tried += seconds;
    for (let channel = 0; channel < channels; channel++) this.#events += counts[channel]!;
    this.#isOver = this.#heard >= WARM_UP_SECONDS && this.#events >= this.#eventsNeeded;
  }

  /** Something changed. */
  beginAnew(): void {
    this.#heard = 0;
    this.#events = 0;
  }

  snapshot(): Snapshot {
    return { heard: this.#heard, events: this.#events, tried: this.#tried, isOver: this.#isOver };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "warm-up");
    this.#heard = numberOf(fields, "heard");
    this.#events = numberOf(fields, "events");
    this.#tried = numberOf(fields, "tried");
    this.#isOver = booleanOf(fields, "isOver");
  }
}
