/** Longest wait that a server is granted, ms: a day. What asks for more is taken for a slip. */
const WAIT_MS_MAX = 86_400_000;

/**
 * A Retry-After header as a wait in ms: seconds, or a date against `now` (wall time, ms). 0 for none and for what
 * cannot be read. RFC 9110, section 10.2.3.
 */
export function waitAsked(header: string | undefined, now: number): number {
  const text = header?.trim() ?? "";
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return wait > 0 ? Math.min(wait, WAIT_MS_MAX) : 0;
}
