import type { Stage } from "../core/stage.ts";
import { timeQueue } from "./time-queue.ts";

/** What ordering needs of an event. */
export interface TimedEvent {
  /** Event time, ms since the Unix epoch. */
  readonly t: number;
  /** Arrival time, ms since the Unix epoch. */
  readonly at: number;
}

/** An event in its place, and the stream time that put it there. */
export interface OrderedEvent<E extends TimedEvent> {
  readonly event: E;
  /** Stream time of the release, ms since the Unix epoch. */
  readonly at: number;
}

export interface ReorderOptions<E extends TimedEvent> {
  /** How far behind an event may be and still be put in its place, ms. */
  readonly lateness: number;
  /** Told of each event that is too late to be put in its place. */
  readonly late: (event: E) => void;
  /** Event time that was released before, ms: the stream goes on after it, and does not begin. */
  readonly from?: number | undefined;
}

/** Events that are held at the start of a stream, to tell stragglers from the present. */
const START_EVENTS = 6;

/**
 * Puts events into event-time order with a watermark.
 *
 * An event is late when its `t` lies below the watermark (the base less the lateness; the base is the smaller of
 * the greatest `t` and stream time before the event), or below what was released already. Events come out when
 * the watermark passes them, when a tick finds them held for the lateness, and at the end. `t` of what is emitted
 * never falls.
 *
 * At the start the first six events that are not late are held (fewer at the end, or once ticks have moved stream
 * time by twice the lateness): if at least two and at least half of them lie within twice the lateness of the
 * greatest, the others are stragglers and late. So a stream joined in the middle does not begin with a gap of days.
 *
 * Holds the events of one lateness.
 */
export function reorder<E extends TimedEvent>({
  lateness,
  late,
  from,
}: ReorderOptions<E>): Stage<E, OrderedEvent<E>> {
  return (emit) => {
    const held = timeQueue<E>();
    let starting: { readonly events: E[]; readonly since: number } | undefined;
    let started = from !== undefined;
    let streamTime = Number.NEGATIVE_INFINITY;
    let greatest = from ?? Number.NEGATIVE_INFINITY;
    let released = greatest;

    const base = () => Math.min(greatest, streamTime);

    /** Lets out what `due` says is due, earliest first. */
    function release(due: (event: E) => boolean): void {
      for (let next = held.peek(); next !== undefined && due(next); next = held.peek()) {
        held.shift();
        released = next.t;
        emit({ event: next, at: streamTime });
      }
    }

    function start(): void {
      started = true;
      if (starting === undefined) return;
      const { events } = starting;
      starting = undefined;
      const last = events.reduce((max, { t }) => Math.max(max, t), Number.NEGATIVE_INFINITY);
      const near = (event: E) => event.t >= last - 2 * lateness;
      const company = events.filter(near).length;
      const strict = company >= 2 && company * 2 >= events.length;
      for (const event of events) {
        if (strict && !near(event)) late(event);
        else held.push(event);
      }
    }

    return {
      push(event) {
        const tooLate = event.t < base() - lateness || event.t < released;
        streamTime = Math.max(streamTime, event.at);
        if (tooLate) return late(event);
        greatest = Math.max(greatest, event.t);
        if (started) held.push(event);
        else {
          starting ??= { events: [], since: streamTime };
          if (starting.events.push(event) === START_EVENTS) start();
        }
        const watermark = base() - lateness;
        if (started) release(({ t }) => t <= watermark);
      },
      tick(now) {
        streamTime = Math.max(streamTime, now);
        if (starting !== undefined && streamTime >= starting.since + 2 * lateness) start();
        // Held since it came, and since it happened: a source that always lags is not cut short.
        if (started) release(({ t, at }) => Math.max(t, at) + lateness <= streamTime);
      },
      end() {
        if (!started) start();
        release(() => true);
      },
    };
  };
}
