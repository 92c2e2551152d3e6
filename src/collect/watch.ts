import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";
import type { CollectedStream } from "./collected-stream.ts";
import type { Keeping } from "./keeping.ts";

/** Longer than this without a connection, or without anything being kept though something waits, is told as an error, s. */
const TOLD_AFTER = 300;
/** So long it is no trouble: connections are lost and come back, s. */
const WELL_WITHIN = 60;

export interface WatchOptions {
  readonly streams: readonly CollectedStream[];
  readonly keeping: Pick<Keeping, "unkept" | "failed">;
  /** Nobody is asked for profiles any more. */
  readonly profilesFailed: AbortSignal | undefined;
  readonly clock: Pick<Clock, "elapsed">;
  readonly log: Log;
}

/** Looks whether all goes on as it should, so that what lasts is told and what passes is not. */
export interface Watch {
  /** To be called about once a second. */
  look(): void;
  /** Every stream is connected, or was within the last minute, and what comes is kept. */
  isWell(): boolean;
}

/** Since when something has been away; tells once, and once that it is over. */
interface Lapse {
  since: number | undefined;
  told: boolean;
}

export function watch({ streams, keeping, profilesFailed, clock, log }: WatchOptions): Watch {
  const away = new Map<CollectedStream, Lapse>(
    streams.map((stream) => [stream, { since: clock.elapsed(), told: false }]),
  );
  const stuck: Lapse = { since: undefined, told: false };
  let kept = 0;

  const lasted = ({ since }: Lapse) => (since === undefined ? 0 : (clock.elapsed() - since) / 1000);

  function judge(lapse: Lapse, isAway: boolean, words: { away: (s: string) => string; back: string }): void {
    if (isAway) {
      lapse.since ??= clock.elapsed();
      if (lapse.told || lasted(lapse) < TOLD_AFTER) return;
      lapse.told = true;
      log.error(words.away(formatSpan(TOLD_AFTER)));
    } else {
      if (lapse.told) log.notice(words.back);
      lapse.since = undefined;
      lapse.told = false;
    }
  }

  return {
    look() {
      for (const [stream, lapse] of away) {
        const { kind } = stream.standing();
        // Of one that is down it was told, and why.
        if (kind === "down" || kind === "over") continue;
        const name = stream.settings.stream;
        judge(lapse, !stream.status.isConnected, {
          away: (span) => `${name}: not connected for ${span}`,
          back: `${name}: connected again`,
        });
      }
      const now = streams.reduce((sum, stream) => sum + stream.kept(), 0);
      const isStuck = keeping.unkept > 0 && now === kept;
      kept = now;
      judge(stuck, isStuck, {
        away: (span) => `nothing was kept for ${span}: ${formatNumber(keeping.unkept)} messages wait`,
        back: "messages are kept again",
      });
    },
    isWell: () =>
      !keeping.failed.aborted &&
      profilesFailed?.aborted !== true &&
      lasted(stuck) < WELL_WITHIN &&
      [...away].every(
        ([stream, lapse]) =>
          stream.standing().kind !== "down" &&
          (stream.standing().kind === "over" || lasted(lapse) < WELL_WITHIN),
      ),
  };
}
