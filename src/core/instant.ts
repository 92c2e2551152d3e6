import { ToolError } from "./errors.ts";

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * A time such as `2026-01-01T00:00:00Z`, or a day in UTC, as ms since the Unix epoch. A time of day needs a zone, for
 * without one it would depend on the machine.
 * @throws ToolError (usage).
 */
export function parseInstant(text: string): number {
  const time = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new ToolError("usage", `expected a time such as 2026-01-01T00:00:00Z, got ${JSON.stringify(text)}`);
}
