import type { Clock } from "../core/clock.ts";
import { CountTable } from "../distribution/count-table.ts";
import { GapWindow } from "../rate/gap-window.ts";
import { memoryAlerts } from "./memory-alerts.ts";
import { memoryResume } from "./memory-resume.ts";
import type {
  BatchNumber,
  CountBatch,
  CountsReading,
  CountsRequest,
  GapBatch,
  Reading,
  ReadRequest,
  Store,
} from "./store.ts";

/** Writers whose last number is remembered; the longest silent one goes first. */
const WRITERS_MAX = 1000;

/** The last batch of each writer. */
type Writers = Map<string, { readonly sequence: number; readonly refused: number }>;

/** A branch of a stream. */
interface Held<Data> {
  readonly data: Data;
  readonly writers: Writers;
  /** When stream time last moved, by the process's clock, ms. */
  moved: number;
}

interface GapState {
  readonly window: GapWindow;
  newest: number | undefined;
}

interface CountState {
  readonly table: CountTable;
  selective: boolean;
}

/** A store within this process: the same promises without a server. Holds one GapWindow, one CountTable and 1,000 alerts a stream. */
export function memoryStore(clock: Pick<Clock, "elapsed">): Store {
  const gaps = new Map<string, Held<GapState>>();
  const counts = new Map<string, Held<CountState>>();
  const { admit, gapsStored, countsStored, ...resume } = memoryResume();
  const stale = (moved: number) => (clock.elapsed() - moved) / 1000;

  function commit(batch: GapBatch) {
    admit(batch);
    const before = gaps.get(batch.stream)?.data.window.time;
    const begin = () => ({ window: new GapWindow(batch.ttl), newest: undefined });
    const held = heldIn<GapState>(gaps, batch.stream, begin);
    const { data } = held;
    const { window } = data;
    if (isOld(held.writers, batch)) return { applied: false, before };
    remember(held.writers, batch, 0);
    gapsStored(batch);
    window.resize(batch.ttl);
    if (batch.last.time > window.time) held.moved = clock.elapsed();
    window.mark(batch.first);
    for (const range of batch.blind) window.markBlind(range);
    window.land(batch.last);
    window.advance(batch.last.time);
    for (const [second, cell] of batch.cells) {
      window.add(second, cell);
      data.newest = Math.max(data.newest ?? cell.newest, cell.newest);
    }
    return { applied: true, before };
  }

  function commitCounts(batch: CountBatch) {
    admit(batch);
    const before = counts.get(batch.stream)?.data.table.time;
    const begin = () => ({ table: new CountTable(), selective: false });
    const held = heldIn<CountState>(counts, batch.stream, begin);
    const { data } = held;
    if (isOld(held.writers, batch)) {
      return { applied: false, before, refused: held.writers.get(batch.writer)?.refused ?? 0 };
    }
    if (batch.last.time > data.table.time) held.moved = clock.elapsed();
    const refused = data.table.merge(batch);
    data.selective ||= batch.selective || refused > 0;
    countsStored(batch);
    remember(held.writers, batch, refused);
    return { applied: true, before, refused };
  }

  function read({ stream, seconds, from }: ReadRequest): Reading | undefined {
    const held = gaps.get(stream);
    if (held === undefined) return undefined;
    const { window, newest } = held.data;
    const extremes = window.extremes();
    return {
      time: window.time,
      connected: window.connected,
      newest,
      ttl: window.ttl,
      stale: stale(held.moved),
      count: window.count,
      sumMicros: window.sumMicros,
      minMicros: extremes?.minMicros,
      maxMicros: extremes?.maxMicros,
      completed: window.completed(from ?? Number.NEGATIVE_INFINITY, seconds),
    };
  }

  function readCounts({ stream, seconds, from, views }: CountsRequest): CountsReading | undefined {
    const held = counts.get(stream);
    if (held === undefined) return undefined;
    const { data, moved } = held;
    const { table, selective } = data;
    return {
      time: table.time,
      connected: table.connected,
      newest: table.newest,
      stale: stale(moved),
      completed: table.completed(from ?? Number.NEGATIVE_INFINITY, seconds),
      all: views.includes("all") ? table.weights("all") : undefined,
      recent: views.includes("recent") ? table.weights("recent") : undefined,
      selective,
    };
  }

  return {
    ...memoryAlerts(),
    ...resume,
    streams: async (branch) => [...(branch === "gaps" ? gaps : counts).keys()].sort(),
    commit: async (batch) => commit(batch),
    commitCounts: async (batch) => commitCounts(batch),
    read: async (request) => read(request),
    readCounts: async (request) => readCounts(request),
    close: async () => {},
  };
}

function heldIn<Data>(all: Map<string, Held<Data>>, stream: string, begin: () => Data): Held<Data> {
  let held = all.get(stream);
  if (held === undefined) {
    held = { data: begin(), writers: new Map(), moved: 0 };
    all.set(stream, held);
  }
  return held;
}

const isOld = (writers: Writers, { writer, sequence }: BatchNumber): boolean =>
  sequence <= (writers.get(writer)?.sequence ?? Number.NEGATIVE_INFINITY);

function remember(writers: Writers, { writer, sequence }: BatchNumber, refused: number): void {
  writers.delete(writer);
  writers.set(writer, { sequence, refused });
  const oldest = writers.keys().next().value;
  if (writers.size > WRITERS_MAX && oldest !== undefined) writers.delete(oldest);
}
