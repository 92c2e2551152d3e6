import type { Tally } from "../core/tally.ts";
import {
  type EventAtHand,
  type EventReader,
  type EventReaderOptions,
  eventReader,
  type TickAtHand,
} from "../records/event-reader.ts";

/** Longest name of a category, characters: more is some other text, taken for one. */
const KEY_CHARS_MAX = 256;

export interface KeyedEventHandlers {
  /** @param category the event's key, or null. */
  event(event: EventAtHand, category: string | null): void;
  tick(tick: TickAtHand): void;
}

/**
 * Reads events that are to be counted by category, and ticks (eventReader). An event whose key is too long for a
 * category is bad. What is neither, or is refused, is counted in the tally.
 */
export function keyedEvents(
  options: EventReaderOptions,
  { event, tick }: KeyedEventHandlers,
  tally: Tally,
): EventReader {
  let fault: string | undefined;
  const reader = eventReader(options, {
    event(atHand) {
      const category = atHand.key();
      if (category === null || category.length <= KEY_CHARS_MAX) event(atHand, category);
      else fault = `expected a key of at most ${KEY_CHARS_MAX} characters, got ${category.length}`;
    },
    tick,
    ignored: () => tally.add("ignored"),
    ahead: () => tally.add("ahead"),
  });
  return {
    line(buffer, start, end) {
      fault = undefined;
      return reader.line(buffer, start, end) ?? fault;
    },
    end() {
      fault = undefined;
      reader.end();
      if (fault !== undefined) tally.add("bad");
    },
  };
}
