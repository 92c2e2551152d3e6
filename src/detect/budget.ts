import { ToolError } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";

const DAYS_PER: Readonly<Record<string, number>> = { hour: 1 / 24, day: 1, week: 7, month: 30 };

/** `N/hour|day|week|month`, in false alarms a day. @throws ToolError (usage). */
export function parseFalseAlarms(text: string): number {
  const [count = "", unit = "", ...rest] = text.trim().split("/");
  const days = Object.hasOwn(DAYS_PER, unit) ? DAYS_PER[unit]! : Number.NaN;
  const perDay = (count === "" ? Number.NaN : Number(count)) / days;
  if (rest.length === 0 && perDay > 0 && perDay < Number.POSITIVE_INFINITY) return perDay;
  const hint = Number.isNaN(days) ? didYouMean(unit, Object.keys(DAYS_PER)) : "";
  throw new ToolError(
    "usage",
    `expected N/hour, N/day, N/week or N/month, got ${JSON.stringify(text)}${hint}`,
  );
}

/**
 * Each one's part of a budget: in proportion to the weights of those that are on, so that the parts add up to the
 * whole whatever is on. A weight of 0 says that no chance is involved and gets nothing.
 */
export function shareOut(perDay: number, weights: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const whole = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map(
    [...weights].map(([name, weight]) => [name, whole === 0 ? 0 : (perDay * weight) / whole] as const),
  );
}
