import { bell } from "../../core/bell.ts";
import { ToolError } from "../../core/errors.ts";
import type { FileLock } from "../../core/lock.ts";
import { formatSpan } from "../../core/spans.ts";
import { type DeliveryOptions, delivery } from "./delivery.ts";

/** How often it is looked whether another process appended, delivered or ended, ms. */
const LOOK_MS = 250;
/** How long the post in flight may still take once the tool is told to stop, ms. */
const STOP_GRACE_MS = 3000;

export interface CourierOptions extends DeliveryOptions {
  /** Longest time without progress after the input's end, ms. */
  readonly giveUp: number;
  /** Ends the work after the post in flight; what is left stays in the spool. */
  readonly stop: AbortSignal;
}

export interface Courier {
  /** Something was spooled. */
  wake(): void;
  /** The input ended: what waits is delivered, then `run` ends. */
  finish(): void;
  /**
   * Delivers what is spooled, or, while another process does, looks on until that has delivered this one's or ended.
   * @throws ToolError (unavailable) after `giveUp`; (permission, configuration) when Slack will take nothing.
   */
  run(): Promise<void>;
}

export function courier(options: CourierOptions): Courier {
  const { spool, poster, ledger, clock, stop } = options;
  const { next, postAt, trouble } = delivery(options);
  const { ring, wait } = bell(clock);
  let ended = false;
  /** When something was delivered last, or the input ended. */
  let progressAt = clock.elapsed();
  let followed = -1;
  let untidy = true;

  const deadline = () => (ended ? progressAt + options.giveUp : Number.POSITIVE_INFINITY);

  /** @throws ToolError (unavailable) when nothing has moved for too long. */
  function checkProgress(reason: string): void {
    if (clock.elapsed() < deadline()) return;
    const left = spool.countWaiting();
    throw new ToolError(
      "unavailable",
      `gave up after ${formatSpan(options.giveUp / 1000)} without progress (${reason}); ` +
        `${left} left in ${spool.folder}, the next run delivers them`,
      { facts: { left } },
    );
  }

  /** Another process sends. @returns whether this one's work is done. */
  async function follow(): Promise<boolean> {
    const position = spool.position();
    if (position !== followed) {
      followed = position;
      progressAt = clock.elapsed();
      ledger.settled(position, "delivered by another process");
    }
    if (ended && ledger.left() === 0) return true;
    checkProgress(`process ${spool.sender() ?? "?"} holds the outbox and delivers nothing`);
    await wait(LOOK_MS);
    return false;
  }

  /** Sends, one post at most. @returns whether this one's work is done. */
  async function send(): Promise<boolean> {
    if (spool.waiting().length === 0) {
      // Emptied as soon as it can be, and once more before the end, for another process may have appended.
      const empty = untidy || ended ? await spool.tidy() : true;
      untidy = !empty;
      if (empty && ended) return true;
      // Bytes that are no record of any process end the wait for them, not this process' patience.
      if (!empty) checkProgress("the spool cannot be read to its end");
      // An append of this process rings, so nothing that came since the look is slept over.
      await wait(LOOK_MS);
      return false;
    }
    const due = Math.min(postAt(), deadline());
    if (clock.elapsed() < due) {
      await wait(due - clock.elapsed());
      return false;
    }
    checkProgress(trouble() ?? "Slack takes no posts");
    if (await next()) {
      untidy = true;
      progressAt = clock.elapsed();
    }
    return false;
  }

  return {
    wake: ring,
    finish() {
      ended = true;
      progressAt = clock.elapsed();
      ring();
    },
    async run() {
      let lock: FileLock | undefined;
      let grace: NodeJS.Timeout | undefined;
      const onStop = () => {
        grace = setTimeout(() => poster.abort(), STOP_GRACE_MS);
        ring();
      };
      stop.addEventListener("abort", onStop, { once: true });
      try {
        while (!stop.aborted) {
          lock ??= spool.lock();
          if (await (lock === undefined ? follow() : send())) return;
        }
      } finally {
        stop.removeEventListener("abort", onStop);
        clearTimeout(grace);
        lock?.release();
      }
    },
  };
}
