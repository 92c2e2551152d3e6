/** Events in event-time order, earliest first; those of one time in the order they came. */
export interface TimeQueue<E> {
  push(event: E): void;
  /** The earliest, or undefined. */
  peek(): E | undefined;
  /** Takes the earliest away. */
  shift(): void;
}

/** Taken events that may stand at the front of the list before it is cut. */
const TAKEN_MAX = 1024;

/**
 * A sorted list that is entered from its end: events come nearly in order, so most are appended and the others find
 * their place in a few steps. (A binary heap takes log n steps for every one, in order or not.)
 */
export function timeQueue<E extends { readonly t: number }>(): TimeQueue<E> {
  let events: E[] = [];
  let first = 0;

  /** The place behind all that are not later, by halving. */
  function placeOf(t: number): number {
    let [low, high] = [first, events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (events[middle]!.t <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    push(event) {
      const last = events.at(-1);
      if (last === undefined || last.t <= event.t || first === events.length) events.push(event);
      else events.splice(placeOf(event.t), 0, event);
    },
    peek: () => events[first],
    shift() {
      first++;
      if (first === events.length) {
        events = [];
        first = 0;
      } else if (first >= TAKEN_MAX && first * 2 >= events.length) {
        events = events.slice(first);
        first = 0;
      }
    },
  };
}
