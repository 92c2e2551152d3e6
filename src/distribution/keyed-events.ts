import type { Tally } from "../core/tally.ts";
import {
  type EventAtHand,
  type EventReader,
  type EventReaderOptions,
  eventReader,
  type TickAtHand,
} from "../records/event-reader.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;

export interface KeyedEventHandlers {
  /** @param category the event's key as well-formed Unicode, of any length, or null. */
  event(event: EventAtHand, category: string | null): void;
  tick(tick: TickAtHand): void;
}

/**
 * Reads events that are to be counted by category, and ticks (eventReader). What is neither, or is refused, is counted
 * in the tally.
 */
export function keyedEvents(
  options: EventReaderOptions,
  { event, tick }: KeyedEventHandlers,
  tally: Tally,
): EventReader {
  return eventReader(options, {
    event(atHand) {
      const key = atHand.key();
      event(atHand, key === null ? null : wellFormed(key));
    },
    tick,
    ignored: () => tally.add("ignored"),
    ahead: () => tally.add("ahead"),
  });
}

/** JSON can spell half a character, UTF-8 cannot: it becomes U+FFFD, so that a category has one name in every store. */
const wellFormed = (key: string): string => (LONE_SURROGATE.test(key) ? Buffer.from(key).toString() : key);
