import type { History, Shares } from "../api/wire.ts";
import type { AlertRecord } from "../records/alert.ts";
import type { StatsRecord } from "../records/stats.ts";
import { ALERTS_MAX } from "./episodes.ts";
import type { Loaded } from "./state.ts";

/** How long an answer is waited for, ms. */
const ANSWER_MAX = 10_000;

/** The API's answer in place of data: nothing is stored yet, the store is away, or no answer at all. */
export type Missing = "nothing" | "away" | "unanswered";

/** Asks the API for everything. */
export async function load(): Promise<Loaded | Missing> {
  const [history, stats, shares, alerts] = await Promise.all([
    ask<History>("history"),
    ask<StatsRecord>("stats"),
    ask<Shares>("shares"),
    ask<readonly AlertRecord[]>(`alerts?limit=${ALERTS_MAX}`),
  ]);
  if (typeof history === "string") return history;
  if (shares === "away" || shares === "unanswered" || alerts === "away" || alerts === "unanswered")
    return "away";
  return {
    history,
    stats: typeof stats === "string" ? undefined : stats,
    shares: typeof shares === "string" ? undefined : shares,
    alerts: typeof alerts === "string" ? [] : alerts,
  };
}

/** Every category's share; undefined while the API does not tell. */
export async function loadShares(): Promise<Shares | undefined> {
  const shares = await ask<Shares>("shares");
  return typeof shares === "string" ? undefined : shares;
}

async function ask<T>(path: string): Promise<T | Missing> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(ANSWER_MAX), cache: "no-store" });
    if (response.ok) return (await response.json()) as T;
    return response.status === 404 ? "nothing" : "away";
  } catch {
    return "unanswered";
  }
}
