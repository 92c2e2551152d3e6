import { headReader } from "../records/head.ts";
import { OVERLAP_MS_MAX, type Place } from "../records/place.ts";
import type { Resumed } from "../records/resumed.ts";
import type { Beginning, Progress } from "./resume-store.ts";

/** Where a run begins. */
export interface Start {
  readonly run: number;
  /** Where the source is to go on; undefined: with what is live. */
  readonly place: Place | undefined;
  /** The line of an event that comes before that; undefined where none does. */
  readonly origin: string | undefined;
  /** Event time of the stream's first event that had a place, ms, where it is still known. */
  readonly begun: number | undefined;
  /** Where the gaps had got to. */
  readonly edge: Resumed["gaps"];
  /** Event times between which a branch is never given what it missed. */
  readonly losses: readonly { readonly from: number; readonly to: number }[];
}

/** A stream's first event with a place. */
interface Origin extends Place {
  readonly t: number;
  readonly line: string;
}

/**
 * The least place of the branches, so that each is given what it missed. A branch that has none yet is given all from
 * the first event on; one that is not there at all, only where the stream had just begun: it was killed, or is not wanted.
 */
export function runStart(beginning: Beginning): Start {
  const { run, gaps, counts, lost, oldest } = beginning;
  const origin = originIn(beginning.origin);
  const wanted = [wantedPlace(gaps, counts, origin), wantedPlace(counts, gaps, origin)];
  const least = wanted.reduce((a, b) =>
    b !== undefined && (a === undefined || b.passed < a.passed) ? b : a,
  );
  const start = { run, begun: origin?.t, edge: gaps.edge, losses: [] };
  if (least === undefined) return { ...start, place: undefined, origin: undefined };
  // What was counted there is not known again, so that it would count twice.
  if (lost !== undefined && least.passed - OVERLAP_MS_MAX <= lost) {
    const place = oldest ?? counts.place;
    const losses = [{ from: least.passed, to: place?.passed ?? least.passed }];
    return { ...start, place, origin: undefined, losses };
  }
  return { ...start, place: least, origin: least === origin ? origin.line : undefined };
}

function wantedPlace(branch: Progress, other: Progress, origin: Origin | undefined): Place | undefined {
  if (branch.place !== undefined || origin === undefined) return branch.place;
  const hasJustBegun = other.place === undefined || other.place.passed < origin.passed + OVERLAP_MS_MAX;
  return branch.known || hasJustBegun ? origin : undefined;
}

function originIn(line: string | undefined): Origin | undefined {
  if (line === undefined) return undefined;
  const { head, read, cursor: cursorOf } = headReader(["event"]);
  const bytes = Buffer.from(line);
  const cursor = read(bytes, 0, bytes.length) === "ok" ? cursorOf() : undefined;
  // The event itself has not passed.
  return cursor === undefined ? undefined : { line, cursor, t: head.t, passed: head.t - 1 };
}
