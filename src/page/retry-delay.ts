/** Waits between attempts to connect, ms; the last is kept. */
const DELAYS = [1000, 2000, 4000, 5000] as const;
/** A wait varies by as much as this share of it, so that many pages do not come back at once. */
const JITTER = 0.25;

/** How long to wait before attempt number `attempt` (from 0), ms; `random` is in 0 to 1. */
export function retryDelay(attempt: number, random: number): number {
  const delay = DELAYS[Math.min(attempt, DELAYS.length - 1)]!;
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random));
}
