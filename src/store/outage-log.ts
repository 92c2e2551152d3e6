import type { Clock } from "../core/clock.ts";
import type { Facts } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { formatSpan } from "../core/spans.ts";

/** How often a store that stays away is told of, ms. */
const AWAY_LOG_MS = 30_000;

/** What waits for the store, in words and as facts. */
export interface Waiting {
  readonly words: string;
  readonly facts: Facts;
}

export interface OutageLog {
  /** The store did not take something, because of `reason`. */
  away(reason: string, waiting: () => Waiting): void;
  /** The store took something. */
  back(): void;
}

/** Tells of a store that goes away: once when it goes, each 30 s how much waits for it, and once when it is back. */
export function outageLog({ clock, log }: { clock: Clock; log: Log }): OutageLog {
  let since: number | undefined;
  let toldAt = 0;
  return {
    away(reason, waiting) {
      const now = clock.elapsed();
      if (since === undefined) {
        since = now;
        toldAt = now;
        log.warning(`the store is away (${reason}); its return is waited for`, { reason });
      } else if (now - toldAt >= AWAY_LOG_MS) {
        toldAt = now;
        const { words, facts } = waiting();
        const away = formatSpan((now - since) / 1000);
        log.warning(`the store is away for ${away} (${reason}); ${words} wait`, { ...facts, reason });
      }
    },
    back() {
      if (since === undefined) return;
      const seconds = (clock.elapsed() - since) / 1000;
      since = undefined;
      log.notice(`the store is back after ${formatSpan(seconds)}`, { away: seconds });
    },
  };
}
