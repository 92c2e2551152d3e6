import type { Clock } from "../../core/clock.ts";
import { reasonOf, ToolError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { backOff } from "../../core/retry.ts";
import { type Payload, plain } from "./blocks.ts";
import { nextPost } from "./group.ts";
import { decodeItem, type Item } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { NetworkError, type Poster } from "./post.ts";
import type { Spool, SpooledLine } from "./spool.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Ceilings of the first wait after a failure and of all waits, ms. */
const BACK_OFF_MS = { first: 1000, max: 60_000 } as const;

export interface DeliveryOptions {
  readonly spool: Spool;
  readonly poster: Poster;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly clock: Clock;
  /** Uniform on [0, 1). */
  readonly random: () => number;
  /** Least time between two posts, ms. */
  readonly interval: number;
}

/** Posts what is at the front of the spool and moves the cursor; decides what is sent in which form, and when. */
export interface Delivery {
  /** When the next post may go out, by the clock's elapsed time. */
  readonly postAt: () => number;
  /** Why the last post did not get through; undefined when it did. */
  readonly trouble: () => string | undefined;
  /**
   * Makes one post of what waits (one line at least).
   * @returns whether the front of the spool moved on.
   * @throws ToolError (permission, configuration) when Slack will take nothing until somebody acts.
   */
  next(): Promise<boolean>;
}

/** How the front of the spool goes out: Slack may have refused a message. */
type Form =
  | { readonly kind: "blocks" }
  /** The same records once more, as plain text. */
  | { readonly kind: "plain"; readonly count: number; readonly reason: string };

export function delivery({ spool, poster, ledger, log, clock, random, interval }: DeliveryOptions): Delivery {
  const waits = backOff({ ...BACK_OFF_MS, random });
  const told = new Set<string>();
  /** What went wrong since the last post that got through. */
  const troubles = new Set<string>();
  let trouble: string | undefined;
  let postAt = Number.NEGATIVE_INFINITY;
  let form: Form = { kind: "blocks" };
  /** Up to this position each record goes out alone, to find the one that Slack refuses. */
  let aloneUntil = 0;

  const most = (first: SpooledLine) => {
    if (form.kind === "plain") return form.count;
    return first.end <= aloneUntil ? 1 : Number.POSITIVE_INFINITY;
  };

  async function tryPost(payload: Payload): Promise<Verdict> {
    try {
      return verdictOf(await poster.post(payload), clock.now());
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return { kind: "retry", reason: reasonOf(error), wait: 0 };
    }
  }

  function judge(verdict: Verdict, lines: readonly SpooledLine[]): boolean {
    switch (verdict.kind) {
      case "delivered":
        if (verdict.odd) tellOnce("Slack took a post, but its reply was not the word ok; is it Slack?");
        if (form.kind === "plain") tellOnce(`Slack refused blocks (${form.reason}) and took the plain text`);
        return settle(lines, "delivered");
      case "refused":
        return refused(lines, verdict.reason);
      case "retry":
        postAt = clock.elapsed() + Math.max(interval, verdict.wait, waits.next());
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

  function refused(lines: readonly SpooledLine[], reason: string): boolean {
    if (form.kind === "blocks") {
      form = { kind: "plain", count: lines.length, reason };
      return false;
    }
    if (lines.length === 1) return bury(lines, reason);
    form = { kind: "blocks" };
    aloneUntil = lines.at(-1)!.end;
    return false;
  }

  function bury(lines: readonly SpooledLine[], reason: string): boolean {
    spool.bury(lines, reason);
    log.error(
      `Slack takes a record in no form (${reason}); it is kept in ${spool.folder}/dead-letter.ndjson`,
    );
    return settle(lines, "refused");
  }

  function settle(lines: readonly SpooledLine[], outcome: "delivered" | "refused"): true {
    const end = lines.at(-1)!.end;
    spool.advance(end);
    ledger.settled(end, outcome, lines.length);
    if (trouble !== undefined) log.notice("Slack takes posts again");
    trouble = undefined;
    troubles.clear();
    form = { kind: "blocks" };
    waits.reset();
    return true;
  }

  function tellTrouble(reason: string): false {
    if (!troubles.has(reason)) log.warning(`Slack took no post: ${reason}; it is tried again`, { reason });
    troubles.add(reason);
    trouble = reason;
    return false;
  }
  function tellOnce(message: string): void {
    if (!told.has(message)) log.warning(message);
    told.add(message);
  }

  return {
    postAt: () => postAt,
    trouble: () => trouble,
    async next() {
      const waiting = spool.waiting();
      const post = nextPost(itemsOf(waiting), most(waiting[0]!));
      // Only somebody's hand can have put it there.
      if (post === undefined) return bury(waiting.slice(0, 1), "it is no record");
      const verdict = await tryPost(form.kind === "plain" ? plain(post.payload) : post.payload);
      postAt = clock.elapsed() + interval;
      return judge(verdict, waiting.slice(0, post.count));
    },
  };
}

/** The records at the front of the spool, up to the first line that is none. */
function* itemsOf(lines: readonly SpooledLine[]): Generator<Item> {
  for (const { text } of lines) {
    const item = decodeItem(text);
    if (typeof item === "string") return;
    yield item;
  }
}
