import { arrivals } from "./arrival.ts";
import { headReader } from "./head.ts";
import type { Place } from "./place.ts";
import type { Resumed } from "./resumed.ts";

/** A gap or a tick whose every field is known. One is kept and overwritten by each line. */
export interface GapOrTick {
  kind: "gap" | "tick";
  /** Event time of a gap, ms since the Unix epoch; of a tick, stream time. */
  t: number;
  /** Stream time, ms since the Unix epoch. */
  at: number;
  stream: string;
  /** Of a gap, s. */
  diff: number;
  /** Of a tick. */
  connected: boolean;
  /** Of a gap: where to go on after it; undefined where it does not say. */
  place: Place | undefined;
  /** Of a gap: the prints of its events, as JSON without the brackets. */
  prints: string;
  /** Of a tick: the run that begins with it. */
  resumed: Resumed | undefined;
}

export interface GapReader {
  readonly head: Readonly<GapOrTick>;
  /** Reads one line into `head`. @returns "ok"; "ignored" for another record; else what is wrong with the line. */
  read(buffer: Buffer, start: number, end: number): string;
}

/** A century, s. */
const DIFF_MAX = 3.2e9;

/** Reads gaps and ticks. One without `stream` is of `stream`; without `at`, `at` is the running maximum of `t`. */
export function gapReader(stream: string): GapReader {
  const lines = headReader(["gap", "tick"]);
  const arrivalOf = arrivals();
  const head: GapOrTick = {
    kind: "gap",
    t: 0,
    at: 0,
    stream,
    diff: 0,
    connected: true,
    place: undefined,
    prints: "",
    resumed: undefined,
  };
  /** Of a gap; a place of which it is not said how far it reaches is none. */
  const placeOf = (passed: number): Place | undefined => {
    const cursor = Number.isNaN(passed) ? undefined : lines.cursor();
    return cursor === undefined ? undefined : { cursor, passed };
  };

  return {
    head,
    read(buffer, start, end) {
      const outcome = lines.read(buffer, start, end);
      if (outcome !== "ok") return outcome;
      const found = lines.head;
      head.kind = found.kind === "tick" ? "tick" : "gap";
      head.t = found.t;
      head.stream = found.stream ?? stream;
      head.diff = found.diff;
      head.connected = found.connected;
      if (head.kind === "gap" && found.diff > DIFF_MAX) return "expected a gap of less than a century";
      head.place = placeOf(found.passed);
      head.prints = lines.prints();
      head.resumed = lines.resumed();
      head.at = arrivalOf(head.stream, found.t, found.at);
      return "ok";
    },
  };
}
