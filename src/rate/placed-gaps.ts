import { compose, type Stage } from "../core/stage.ts";
import type { PlacedGap } from "../records/gap.ts";
import type { Resumed } from "../records/resumed.ts";
import { HeldPlaces, type Stretch } from "./held-places.ts";
import { interarrivals } from "./interarrivals.ts";
import { type OrderedEvent, reorder, type TimedEvent } from "./reorder.ts";

/** An event that its source can be asked to go on after. */
export interface PlacedEvent extends TimedEvent {
  /** The source's own place of it, as JSON, and what tells its message from others; undefined where it has none. */
  readonly cursor?: string | undefined;
  readonly print?: string | undefined;
}

export interface PlacedGapsOptions<E extends PlacedEvent> {
  /** How far behind an event may be and still be put in its place, ms. */
  readonly lateness: number;
  /** What was told of the run: where the gaps had got to, if anywhere. */
  readonly resumed?: Pick<Resumed, "passed" | "gaps"> | undefined;
  /** Told of the first event, which has no gap; of each that is too late for one; of each that had its gap before. */
  readonly first: () => void;
  readonly late: (event: E) => void;
  readonly repeated: () => void;
}

/** An event on its way, and the stretch of the stream that it lies in. */
interface Held<E> extends TimedEvent {
  readonly event: E;
  readonly stretch: Stretch;
}

/**
 * The gaps between events, put into order (reorder, interarrivals), each with the place to go on after it.
 *
 * A run that goes on where an earlier one had got to begins with the gap to the last event of that one. What comes again
 * of its events has had its gap: those before the last, and those of its time that have their prints among its.
 * Holds the events of one lateness.
 */
export function placedGaps<E extends PlacedEvent>(options: PlacedGapsOptions<E>): Stage<E, PlacedGap> {
  const { lateness, resumed, first, late, repeated } = options;
  const before = resumed?.gaps;
  return (emit) => {
    const places = new HeldPlaces(resumed?.passed);
    const known = countOf(before?.prints ?? []);
    /** Prints of the events of this time that were released, and that no gap has told yet. */
    let untold = { t: Number.NaN, prints: [] as string[] };

    const isBefore = (t: number) =>
      before !== undefined && t <= before.t && places.greatest <= before.t + 2 * lateness;
    const ordered = reorder<Held<E>>({
      lateness,
      from: before?.t,
      late({ event, stretch }) {
        places.settle(stretch);
        if (isBefore(event.t)) repeated();
        else late(event);
      },
    });
    const fresh: Stage<OrderedEvent<Held<E>>, OrderedEvent<Held<E>>> = (give) => ({
      push(next) {
        const { event, stretch } = next.event;
        places.settle(stretch);
        const { t, print } = event;
        if (print !== undefined) {
          if (t === before?.t && takeOne(known, print)) return repeated();
          if (t !== untold.t) untold = { t, prints: [] };
          untold.prints.push(print);
        }
        give(next);
      },
    });
    const gaps = compose(
      compose(ordered, fresh),
      interarrivals(first, before?.t),
    )((gap) => {
      const { prints } = untold;
      if (prints.length === 0) return emit(gap);
      untold = { t: gap.t, prints: [] };
      emit({ ...gap, place: places.settled, prints });
    });
    return {
      push: (event) =>
        gaps.push({ t: event.t, at: event.at, event, stretch: places.pass(event.t, event.cursor) }),
      tick: (now) => gaps.tick?.(now),
      end: () => gaps.end?.(),
    };
  };
}

function countOf(prints: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const print of prints) counts.set(print, (counts.get(print) ?? 0) + 1);
  return counts;
}

/** Takes one of these away, if there is one. */
function takeOne(counts: Map<string, number>, print: string): boolean {
  const count = counts.get(print) ?? 0;
  if (count > 0) counts.set(print, count - 1);
  return count > 0;
}
