import { arrivals } from "./arrival.ts";
import { headReader } from "./head.ts";

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
  const head: GapOrTick = { kind: "gap", t: 0, at: 0, stream, diff: 0, connected: true };

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
      head.at = arrivalOf(head.stream, found.t, found.at);
      return "ok";
    },
  };
}
