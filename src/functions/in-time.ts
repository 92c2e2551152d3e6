import { type Clock, systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";

/** Longest that the work of a request may take, ms: after 60 s the platform ends it, and nobody would say why. */
const WORK_MS_MAX = 50_000;

/**
 * What the work gives, if it does so in time. Work that is too slow goes on unheard; its like can be done again.
 * @param name whom it waits for. @throws ToolError (unavailable) when it takes too long; else what it threw.
 */
export async function inTime<T>(
  name: string,
  work: Promise<T>,
  clock: Pick<Clock, "sleep"> = systemClock,
): Promise<T> {
  const over = new AbortController();
  const tooLong = clock.sleep(WORK_MS_MAX, over.signal).then(() => {
    throw new ToolError("unavailable", `${name}: no answer in time`);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    tooLong.catch(() => {});
    over.abort();
  }
}
