import { OVERLAP_MS_MAX, type Place } from "../records/place.ts";
import type { Beginning, ResumeStore } from "./resume-store.ts";
import { type CountBatch, type GapBatch, superseded } from "./store.ts";
import { packTrail, TRAIL_BYTES_MAX, type Trail } from "./trail.ts";

/** A stream's runs, and where its branches had got to. */
interface Runs {
  run: number;
  origin: string | undefined;
  gaps: { known: boolean; place: Place | undefined; edge: Beginning["gaps"]["edge"] };
  counts: { known: boolean; place: Place | undefined };
  trail: Trail[];
  lost: number | undefined;
}

/** The part of a store within this process that lets a run go on where another had got to. */
export interface MemoryResume extends ResumeStore {
  /** A batch is about to be stored. @throws ToolError (unavailable) when its run is over. */
  admit(batch: Pick<GapBatch, "stream" | "run">): void;
  /** A batch was stored. */
  gapsStored(batch: Pick<GapBatch, "stream" | "place" | "edge">): void;
  countsStored(batch: Pick<CountBatch, "stream" | "run" | "place" | "footprints">): void;
}

/** Holds what the Redis adapter does. */
export function memoryResume(): MemoryResume {
  const streams = new Map<string, Runs>();
  const of = (stream: string): Runs => {
    const held = streams.get(stream) ?? {
      run: 0,
      origin: undefined,
      gaps: { known: false, place: undefined, edge: undefined },
      counts: { known: false, place: undefined },
      trail: [],
      lost: undefined,
    };
    streams.set(stream, held);
    return held;
  };
  const later = (before: Place | undefined, place: Place | undefined) =>
    place !== undefined && place.passed >= (before?.passed ?? Number.NEGATIVE_INFINITY) ? place : before;

  return {
    admit({ stream, run }) {
      if (run === undefined) return;
      const held = of(stream);
      if (held.run > run) throw superseded(stream);
      held.run = run;
    },
    gapsStored({ stream, place, edge }) {
      const { gaps } = of(stream);
      gaps.known = true;
      gaps.place = later(gaps.place, place);
      if (edge === undefined || edge.t < (gaps.edge?.t ?? edge.t)) return;
      const before = edge.t === gaps.edge?.t ? gaps.edge.prints : [];
      gaps.edge = { t: edge.t, prints: [...before, ...(JSON.parse(`[${edge.prints}]`) as string[])] };
    },
    countsStored({ stream, run, place, footprints }) {
      const held = of(stream);
      held.counts.known = true;
      if (footprints !== undefined) {
        held.trail.push({ ...footprints, run: run ?? 0 });
        trim(held);
      }
      held.counts.place = later(held.counts.place, place);
    },
    async beginRun(stream) {
      const held = of(stream);
      const { gaps, counts, origin, lost } = held;
      return {
        run: ++held.run,
        gaps: { ...gaps },
        counts: { ...counts },
        origin,
        lost,
        oldest: lost === undefined ? undefined : oldestIn(held.trail, lost),
      };
    },
    currentRun: async (stream) => of(stream).run,
    async keepOrigin(stream, line) {
      of(stream).origin ??= line;
    },
    trail: async (stream, run) => of(stream).trail.filter((trail) => trail.run !== run),
  };
}

/** The first place behind which nothing is unknown, whatever the source sends again of what came before it. */
function oldestIn(trail: readonly Trail[], lost: number): Place | undefined {
  const piece = trail.find(({ cursor, passed }) => cursor !== undefined && passed - OVERLAP_MS_MAX > lost);
  return piece?.cursor === undefined ? undefined : { cursor: piece.cursor, passed: piece.passed };
}

/** See ADD_FOOTPRINTS of the scripts. */
function trim(held: Runs): void {
  const { trail, gaps, counts } = held;
  const own = counts.place?.passed;
  const isJudged = own !== undefined && (gaps.place !== undefined || !gaps.known);
  const need = isJudged
    ? Math.min(own, gaps.place?.passed ?? own) - OVERLAP_MS_MAX
    : Number.NEGATIVE_INFINITY;
  let bytes = trail.reduce((sum, piece) => sum + packTrail(piece).length, 0);
  while (trail[0] !== undefined && (bytes > TRAIL_BYTES_MAX || trail[0].passed < need)) {
    const piece = trail.shift()!;
    const { passed } = piece;
    bytes -= packTrail(piece).length;
    if (passed >= need) held.lost = passed;
  }
}
