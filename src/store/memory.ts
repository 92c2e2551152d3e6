import type { Clock } from "../core/clock.ts";
import { GapWindow } from "../rate/gap-window.ts";
import type { GapBatch, Reading, ReadRequest, Store } from "./store.ts";

/** Writers whose last number is remembered; the longest silent one goes first. */
const WRITERS_MAX = 1000;

interface StreamState {
  readonly window: GapWindow;
  readonly sequences: Map<string, number>;
  newest: number | undefined;
  /** When stream time last moved, by the process's clock, ms. */
  moved: number;
}

/** A store within this process: the same promises without a server. Holds one GapWindow a stream. */
export function memoryStore(clock: Pick<Clock, "elapsed">): Store {
  const states = new Map<string, StreamState>();

  function stateOf({ stream, ttl }: GapBatch): StreamState {
    let state = states.get(stream);
    if (state === undefined) {
      state = { window: new GapWindow(ttl), sequences: new Map(), newest: undefined, moved: 0 };
      states.set(stream, state);
    }
    return state;
  }

  function commit(batch: GapBatch) {
    const before = states.get(batch.stream)?.window.time;
    const state = stateOf(batch);
    const { window, sequences } = state;
    if (batch.sequence <= (sequences.get(batch.writer) ?? Number.NEGATIVE_INFINITY)) {
      return { applied: false, before };
    }
    remember(sequences, batch);
    window.resize(batch.ttl);
    if (batch.last.time > window.time) state.moved = clock.elapsed();
    window.mark(batch.first);
    for (const range of batch.blind) window.markBlind(range);
    window.land(batch.last);
    window.advance(batch.last.time);
    for (const [second, cell] of batch.cells) {
      window.add(second, cell);
      state.newest = Math.max(state.newest ?? cell.newest, cell.newest);
    }
    return { applied: true, before };
  }

  function read({ stream, seconds, from }: ReadRequest): Reading | undefined {
    const state = states.get(stream);
    if (state === undefined) return undefined;
    const { window, newest, moved } = state;
    const extremes = window.extremes();
    return {
      time: window.time,
      connected: window.connected,
      newest,
      ttl: window.ttl,
      stale: (clock.elapsed() - moved) / 1000,
      count: window.count,
      sumMicros: window.sumMicros,
      minMicros: extremes?.minMicros,
      maxMicros: extremes?.maxMicros,
      completed: window.completed(from ?? Number.NEGATIVE_INFINITY, seconds),
    };
  }

  return {
    streams: async () => [...states.keys()].sort(),
    commit: async (batch) => commit(batch),
    read: async (request) => read(request),
    close: async () => {},
  };
}

function remember(sequences: Map<string, number>, { writer, sequence }: GapBatch): void {
  sequences.delete(writer);
  sequences.set(writer, sequence);
  const oldest = sequences.keys().next().value;
  if (sequences.size > WRITERS_MAX && oldest !== undefined) sequences.delete(oldest);
}
