/** One step of a pipeline: synchronous, pure but for its own bounded state. */
export type Stage<In, Out> = (emit: (record: Out) => void) => {
  push(record: In): void;
  /** Stream time went on to `now`, ms since the epoch. */
  tick?(now: number): void;
  /** The input ended; what is still held comes out. */
  end?(): void;
};

/**
 * Two stages as one: what `first` emits goes into `second`.
 *
 * A tick or an end is pushed through `first` before `second` hears of it, so records that the tick releases
 * arrive before it.
 */
export function compose<A, B, C>(first: Stage<A, B>, second: Stage<B, C>): Stage<A, C> {
  return (emit) => {
    const downstream = second(emit);
    const upstream = first((record) => downstream.push(record));
    return {
      push: (record) => upstream.push(record),
      tick(now) {
        upstream.tick?.(now);
        downstream.tick?.(now);
      },
      end() {
        upstream.end?.();
        downstream.end?.();
      },
    };
  };
}
