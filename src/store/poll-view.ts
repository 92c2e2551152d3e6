import { secondOf } from "../core/stream-time.ts";
import type { Branch, ReadRequest, Standing } from "./store.ts";

/** Completed seconds that a poll catches up on, at most. */
export const CATCH_UP_SECONDS = 900;

/** Streams that are read at once. Redis does one after the other; where each catches up on 15 min, these take 0.4 s. */
export const READINGS_MAX = 20;

/** What a poll tells of a stream: which branches it asks, and how their answer becomes records. */
export interface PollView<Answer, Told> {
  /** Names its states, so that none is taken for another tool's. */
  readonly kind: string;
  /** Where its streams are to be found, */
  readonly branches: readonly Branch[];
  /** and which those are, sorted. */
  streams(): Promise<string[]>;
  /** Asks the branches, all at once. undefined where none of them has anything of the stream. */
  read(request: ReadRequest): Promise<Answer | undefined>;
  /** Where the stream stands, as the records tell it. */
  standing(answer: Answer): Standing;
  /** The completed seconds as one record, told as of now. */
  now(stream: string, answer: Answer): Told;
  /**
   * One record for each completed second, as a poll at its end would have told it, but the last is told as of now.
   * An answer without any gives one record of now, of no seconds.
   * @param newest greatest event time known before the first of them, ms.
   */
  each(stream: string, answer: Answer, newest: number | undefined): Told[];
  /** What is known while the store is away, or has forgotten the stream. @param last the last answer. */
  away(stream: string, last: Answer, stale: number): Told;
  /** What a person should know about an answer; undefined where all is well. */
  remark?(stream: string, answer: Answer): string | undefined;
  /** Completed seconds that the first poll asks for, so that it begins with what was; left out: none. */
  readonly lookBack?: number;
  /** How far stream time may fall back without the stream having begun anew, s. */
  readonly fallsBack: number;
}

/**
 * The first completed second that is still to be told after an answer: none is told twice, and none left out, though
 * stream time falls back a little. When it falls back further, the store was emptied and begins anew.
 */
export function nextSecond<Answer>(
  { standing, fallsBack }: Pick<PollView<Answer, unknown>, "standing" | "fallsBack">,
  answer: Answer,
  from: number | undefined,
): number {
  const current = secondOf(standing(answer).time);
  return from !== undefined && current < from && current >= from - fallsBack ? from : current;
}
