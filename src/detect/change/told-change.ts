import type { Snapshot } from "../detector.ts";
import { fieldsOf, numberOf } from "../snapshot.ts";
import type { Sample } from "./baseline.ts";
import type { ToldEpisode } from "./experience.ts";
import { LateCounts } from "./late-counts.ts";
import { type Changed, ReturnTest, type Usual } from "./return-test.ts";

/** So long is what was usual held against a new level, ms heard of it; then the new level is the usual one. */
export const NEW_NORMAL_MS = 15 * 60_000;
/** Of fewer events no new level is learnt: a stream that has stopped has none. */
const NEW_NORMAL_EVENTS = 20;
/** Of a time in which nothing could be counted at most so much is part of that, ms. */
const IDLE_MS_MAX = 60_000;

/** A change as it is told. */
export interface Beginning {
  /** When it began, ms. */
  readonly begun: number;
  /** What its score had to pass, and where it stands. */
  readonly level: number;
  readonly reached: number;
}

/**
 * A change that was told, until it is over or the new level is the usual one. Holds what was counted since, in case that
 * becomes usual.
 */
export class ToldChange {
  counts: LateCounts;
  readonly #memory: number;
  readonly #return = new ReturnTest();
  #begun: number;
  #level: number;
  #peak: number;
  /** Heard since it was told, ms, and since something could be counted. */
  #heard = 0;
  #idle = 0;
  /** Counted since. */
  #events = 0;

  /** @param memory what becomes usual is weighed by exp(-age / memory), s. */
  constructor({ begun, level, reached }: Beginning, memory: number) {
    this.counts = new LateCounts(memory);
    this.#memory = memory;
    this.#begun = begun;
    this.#level = level;
    this.#peak = reached;
  }

  get channels(): readonly number[] {
    return this.#return.channels;
  }
  /** All that changed has looked as usual of late. */
  get isReturning(): boolean {
    return this.#return.isUnderWay;
  }
  /** How far its score went. */
  get peak(): number {
    return this.#peak;
  }
  /** Since when all is as usual again, or on the other side, ms; once it is. */
  get overSince(): number {
    return this.#return.since;
  }
  /** How it went; once it is over. */
  get episode(): ToldEpisode {
    const seconds = Math.max(0, this.overSince - this.#begun) / 1000;
    return { peak: this.#peak, level: this.#level, seconds };
  }

  /** These channels changed, too. */
  join(changed: readonly Changed[]): void {
    this.#return.join(changed);
  }

  /** What became of the levels that changed, by now. */
  refine(changed: readonly Changed[]): void {
    this.#return.refine(changed);
  }

  /** @param reached where its score stands. */
  push(sample: Sample, usual: Usual, reached: number): "lasting" | "turned" | "returned" | "new-normal" {
    this.#peak = Math.max(this.#peak, reached);
    const how = this.#return.push(sample, usual);
    if (how === "turned") this.#beginAnew();
    if (how !== "lasting") return how;
    for (let channel = 0; channel < sample.channels; channel++) this.#events += sample.counts[channel]!;
    this.counts.push(sample.counts, sample.exposure, sample.seconds);
    this.#idle += sample.seconds * 1000;
    // Of nothing no level can be told.
    if (sample.exposure === 0) return "lasting";
    this.#heard += Math.min(this.#idle, Math.max(IDLE_MS_MAX, sample.seconds * 1000));
    this.#idle = 0;
    return this.#heard >= NEW_NORMAL_MS && this.#events >= NEW_NORMAL_EVENTS ? "new-normal" : "lasting";
  }

  /** What was counted before a turn is no part of what may become usual. */
  #beginAnew(): void {
    this.counts = new LateCounts(this.#memory);
    this.#heard = 0;
    this.#idle = 0;
    this.#events = 0;
  }

  snapshot(): Snapshot {
    return {
      heard: this.#heard,
      idle: this.#idle,
      events: this.#events,
      begun: this.#begun,
      level: this.#level,
      peak: this.#peak,
      counts: this.counts.snapshot(),
      return: this.#return.snapshot(),
    };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  static restore(snapshot: unknown, memory: number): ToldChange {
    const fields = fieldsOf(snapshot, "told");
    const number = (name: string) => numberOf(fields, name);
    const beginning = { begun: number("begun"), level: number("level"), reached: number("peak") };
    const told = new ToldChange(beginning, memory);
    told.#heard = number("heard");
    told.#idle = number("idle");
    told.#events = number("events");
    told.counts.restore(fields["counts"]);
    told.#return.restore(fields["return"]);
    return told;
  }
}
