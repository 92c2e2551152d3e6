import { createHash } from "node:crypto";

/** Messages whose hashes are remembered for the next overlap. */
const REMEMBERED_MAX = 100_000;
/** Longest that an overlap is expected to last, ms of wall time. */
const OVERLAP_MS_MAX = 30_000;

/**
 * Knows, after a reconnect, which messages were sent already.
 *
 * Outside an overlap every message passes, exact repeats included: they are the source's. Inside one, a message is
 * a repeat when it is byte-identical to one sent before, as often as it was sent. The overlap is over when all that
 * could come again has, or after 30 seconds.
 * Holds at most 100,000 hashes of 16 bytes.
 */
export interface Overlap {
  /** A message that was sent on. */
  sent(hash: string, t: number): void;
  /** A reconnect that asks for all from event time `since` on, ms; `now` is any clock's ms. */
  begin(since: number, now: number): void;
  /** True, once for each time it was sent, when this message came before. */
  isRepeat(hash: string, now: number): boolean;
}

export const hashOf = (message: Buffer): string =>
  createHash("sha256").update(message).digest().toString("latin1", 0, 16);

export function overlap(): Overlap {
  const ring: { hash: string; t: number }[] = [];
  let next = 0;
  let candidates = new Map<string, number>();
  let deadline = 0;

  return {
    sent(hash, t) {
      ring[next] = { hash, t };
      next = (next + 1) % REMEMBERED_MAX;
    },
    begin(since, now) {
      candidates = new Map();
      for (const { hash, t } of ring) if (t >= since) candidates.set(hash, (candidates.get(hash) ?? 0) + 1);
      deadline = now + OVERLAP_MS_MAX;
    },
    isRepeat(hash, now) {
      if (candidates.size === 0) return false;
      if (now > deadline) {
        candidates.clear();
        return false;
      }
      const count = candidates.get(hash);
      if (count === undefined) return false;
      if (count === 1) candidates.delete(hash);
      else candidates.set(hash, count - 1);
      return true;
    },
  };
}
