import type { Branch } from "./store.ts";

/** The set of the streams that are there. Never expires. */
export const STREAMS_KEY = "rsvpulse:streams";

/** Names of the keys of one partition of a stream; they carry one hash tag, so they lie in one slot of a cluster. */
export interface BranchKeys {
  readonly meta: string;
  /** Followed by a second of stream time. */
  readonly secondPrefix: string;
  /** Followed by a writer's id. */
  readonly writerPrefix: string;
}

export function branchKeys(stream: string, branch: Branch): BranchKeys {
  const base = `${partitionOf(stream)}:${branch}`;
  return { meta: base, secondPrefix: `${base}:`, writerPrefix: `${base}:writer:` };
}

/** Names of the keys that runs of a stream go by. */
export function runKeys(stream: string): { run: string; origin: string; trail: string } {
  const base = partitionOf(stream);
  return { run: `${base}:run`, origin: `${base}:origin`, trail: `${base}:counts:trail` };
}

/** What the keys of a stream's partition begin with: their hash tag. */
export const partitionOf = (stream: string): string => `rsvpulse:{${encodeName(stream)}/0}`;

/** A stream's name may hold braces, spaces and anything else; half a surrogate pair is written as Redis stores it. */
const encodeName = (stream: string): string => encodeURIComponent(Buffer.from(stream).toString("utf8"));
