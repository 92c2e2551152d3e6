import type { Clock } from "../../core/clock.ts";
import { reasonOf, ToolError } from "../../core/errors.ts";
import type { FileLock } from "../../core/lock.ts";
import type { Log } from "../../core/log.ts";
import { backOff } from "../../core/retry.ts";
import { formatSpan } from "../../core/spans.ts";
import { bell } from "./bell.ts";
import { nextPost, type Post } from "./group.ts";
import { decodeItem, type Item } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { plain } from "./payload.ts";
import { NetworkError, type Poster } from "./post.ts";
import type { Spool, SpooledLine } from "./spool.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** How often it is looked whether another process appended, delivered or ended, ms. */
const LOOK_MS = 250;
/** Ceilings of the first wait after a failure and of all waits, ms. */
const BACK_OFF_MS = { first: 1000, max: 60_000 } as const;
/** How long the post in flight may still take once the tool is told to stop, ms. */
const STOP_GRACE_MS = 3000;

export interface CourierOptions {
  readonly spool: Spool;
  readonly poster: Poster;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: Clock;
  /** Uniform on [0, 1). */
  readonly random: () => number;
  /** Least time between two posts, ms. */
  readonly interval: number;
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
   * Delivers what is spooled, or, while another process does, waits for that.
   * @throws ToolError (unavailable) after `giveUp`; (permission, configuration) when Slack will take nothing.
   */
  run(): Promise<void>;
}

/** How the records at the front of the spool go out, after Slack refused a message. */
type Form =
  | { readonly kind: "blocks" }
  /** The same records once more, as plain text. */
  | { readonly kind: "plain"; readonly count: number; readonly reason: string };

export function courier(options: CourierOptions): Courier {
  const { spool, poster, ledger, log, clock, stop } = options;
  const waits = backOff({ ...BACK_OFF_MS, random: options.random });
  const { ring, wait } = bell(clock);
  let ended = false;
  let progressAt = clock.elapsed();
  let postAt = Number.NEGATIVE_INFINITY;
  let form: Form = { kind: "blocks" };
  /** Up to this position each record goes out alone, to find the one that Slack refuses. */
  let aloneUntil = 0;
  let seen = -1;
  let trouble: string | undefined;
  const told = new Set<string>();

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

  /** Another process sends: looks on. @returns whether this one's work is done. */
  async function follow(): Promise<boolean> {
    const position = spool.position();
    if (position !== seen) {
      seen = position;
      progressAt = clock.elapsed();
      ledger.settled(position, "delivered by another process");
    }
    if (ended && ledger.left() === 0) return true;
    checkProgress(`process ${spool.sender() ?? "?"} holds the outbox and delivers nothing`);
    await wait(LOOK_MS);
    return false;
  }

  /** Sends: one post at most. @returns whether this one's work is done. */
  async function deliver(): Promise<boolean> {
    if (spool.waiting().length === 0) {
      if ((await spool.tidy()) && ended) return true;
      // invariant: an append of this process rings, so nothing that came since the look is slept over
      await wait(LOOK_MS);
      return false;
    }
    while (clock.elapsed() < Math.min(postAt, deadline()) && !stop.aborted) {
      await wait(Math.min(postAt, deadline()) - clock.elapsed());
    }
    if (stop.aborted) return false;
    checkProgress(trouble ?? "Slack takes no posts");
    // Read again: what came meanwhile goes along.
    const waiting = spool.waiting();
    const post = nextPost(itemsOf(waiting), most(waiting));
    if (post === undefined) settle(waiting.slice(0, 1), "refused", "it is no record");
    else await attempt(post, waiting.slice(0, post.count));
    return false;
  }

  const most = (waiting: readonly SpooledLine[]) => {
    if (form.kind === "plain") return form.count;
    return waiting[0]!.end <= aloneUntil ? 1 : Number.POSITIVE_INFINITY;
  };

  async function attempt({ payload }: Post, lines: readonly SpooledLine[]): Promise<void> {
    const verdict = await tryPost(form.kind === "plain" ? plain(payload) : payload);
    postAt = clock.elapsed() + options.interval;
    switch (verdict.kind) {
      case "delivered":
        if (verdict.odd) tellOnce("Slack took a post, but its reply was not the word ok; is it Slack?");
        if (form.kind === "plain") tellOnce(`Slack refused blocks (${form.reason}) and took the plain text`);
        return settle(lines, "delivered");
      case "refused":
        return refused(lines, verdict.reason);
      case "retry":
        postAt = clock.elapsed() + Math.max(options.interval, verdict.wait, waits.next());
        return tellTrouble(verdict.reason);
      case "stop": {
        const left = spool.countWaiting();
        throw new ToolError(
          verdict.error,
          `Slack refuses the webhook (${verdict.reason}): ${verdict.remedy}; ${left} left in ${spool.folder}`,
          { facts: { left } },
        );
      }
    }
  }

  async function tryPost(payload: Parameters<Poster["post"]>[0]): Promise<Verdict> {
    try {
      return verdictOf(await poster.post(payload), clock.now());
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return { kind: "retry", reason: reasonOf(error), wait: 0 };
    }
  }

  function refused(lines: readonly SpooledLine[], reason: string): void {
    trouble = undefined;
    if (form.kind === "blocks") {
      form = { kind: "plain", count: lines.length, reason };
    } else if (lines.length > 1) {
      form = { kind: "blocks" };
      aloneUntil = lines.at(-1)!.end;
    } else {
      settle(lines, "refused", reason);
    }
  }

  function settle(lines: readonly SpooledLine[], outcome: "delivered" | "refused", reason = "refused"): void {
    const end = lines.at(-1)!.end;
    if (outcome === "refused") {
      spool.bury(lines, reason);
      log.error(`Slack refused a record (${reason}); it is kept in ${spool.folder}/dead-letter.ndjson`);
    }
    spool.advance(end);
    ledger.settled(end, outcome, lines.length);
    if (trouble !== undefined) log.notice("Slack takes posts again");
    trouble = undefined;
    form = { kind: "blocks" };
    progressAt = clock.elapsed();
    waits.reset();
  }

  function tellTrouble(reason: string): void {
    if (reason !== trouble)
      log.warning(`Slack took no post: ${reason}; trying again, nothing is lost`, { reason });
    trouble = reason;
  }
  function tellOnce(message: string): void {
    if (told.has(message)) return;
    told.add(message);
    log.warning(message);
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
          if (await (lock === undefined ? follow() : deliver())) return;
        }
      } finally {
        stop.removeEventListener("abort", onStop);
        clearTimeout(grace);
        lock?.release();
      }
    },
  };
}

/** The records at the front of the spool, up to the first line that somebody else must have put there. */
function* itemsOf(lines: readonly SpooledLine[]): Generator<Item> {
  for (const { text } of lines) {
    const item = decodeItem(text);
    if (typeof item === "string") return;
    yield item;
  }
}
