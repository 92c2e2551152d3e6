import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { stateFolder } from "../core/environment.ts";
import { reasonOf } from "../core/errors.ts";
import { faults } from "../core/faults.ts";
import { countedLines } from "../core/line-loop.ts";
import type { Log } from "../core/log.ts";
import { Tally } from "../core/tally.ts";
import type { Allowance } from "../sinks/slack/allowance.ts";
import { courier } from "../sinks/slack/courier.ts";
import { spoolIntake } from "../sinks/slack/intake.ts";
import { ledger } from "../sinks/slack/ledger.ts";
import { webhookPoster } from "../sinks/slack/post.ts";
import { openSpool } from "../sinks/slack/spool.ts";
import { adoptUnposted, unposted } from "../sinks/slack/unposted.ts";
import type { Webhook } from "../sinks/slack/webhook.ts";

/** Least time between two posts, longest that one may take, ms, and how large the spool may grow, bytes: as in slack-push. */
const INTERVAL_MS = 1000;
const TIMEOUT_MS = 10_000;
const SPOOL_BYTES_MAX = 64 << 20;
/** How often what waits for its time (repeats, what was held back) is looked at, ms. */
const TURN_MS = 250;
/** How long the last posts are tried at an orderly end, ms: what is left waits for the next run. */
const END_MS = 700;

export interface SlackOptions {
  readonly webhook: Webhook;
  /** How long repeats of a log record are gathered, s. */
  readonly fold: number;
  readonly atMost: Allowance;
  /** Where trouble with Slack is told: not to Slack. */
  readonly log: Log;
}

/** Slack, told from within a process that does something else: nothing of it waits, and no trouble with it ends anything. */
export interface SlackOutbox {
  /** Puts a record on its way: a log record, or one with `text`. */
  tell(record: Readonly<Record<string, unknown>>): void;
  /** Gives the last posts a moment; what is left, the next run delivers. */
  end(): Promise<void>;
}

/**
 * slack-push's outbox: spooled first, delivered beside, folded and held back as there, and shared with it.
 * @throws ToolError (io, permission) when the spool cannot be opened.
 */
export async function slackOutbox({ webhook, fold, atMost, log }: SlackOptions): Promise<SlackOutbox> {
  const clock: Clock = systemClock;
  const spool = openSpool(join(stateFolder(), "outbox", webhook.hash), { bytesMax: SPOOL_BYTES_MAX, clock });
  await adoptUnposted(spool);
  const poster = await webhookPoster(webhook.url, TIMEOUT_MS);
  const tally = new Tally("delivered");
  const own = ledger(tally);
  const halt = new AbortController();
  const { run, wake, finish } = courier({
    ...{ spool, poster, log, clock, ledger: own },
    random: Math.random,
    interval: INTERVAL_MS,
    giveUp: END_MS,
    stop: halt.signal,
  });
  const intake = spoolIntake({
    ...{ spool, tally, log, wake, clock, ledger: own },
    minSeverity: undefined,
    span: fold * 1000,
    allowance: atMost,
    unposted: unposted(spool.folder, { clock, log }),
  });
  const { line } = countedLines(intake.line, { tally, faults: faults(log, tally, { strict: false }) });
  let number = 0;
  let toldUnkept = false;

  /** What the disk does not take is told once. */
  async function settle(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!toldUnkept) log.warning(`what is for Slack cannot be kept: ${reasonOf(error)}`);
      toldUnkept = true;
    }
  }
  const turns = setInterval(() => void settle(intake.settle), TURN_MS);
  const delivered = run().catch((error: unknown) => {
    if (!halt.signal.aborted) log.warning(`Slack is told nothing more: ${reasonOf(error)}`);
  });

  return {
    tell(record) {
      const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
      line(bytes, 0, bytes.length - 1, ++number);
    },
    async end() {
      clearInterval(turns);
      await settle(intake.drain);
      finish();
      const over = new AbortController();
      await Promise.race([delivered, clock.sleep(END_MS, over.signal)]);
      over.abort();
      halt.abort();
      poster.abort();
      await delivered;
      intake.end();
      await poster.close();
      const left = own.left();
      if (left > 0)
        log.notice(`${left} for Slack left in ${spool.folder}; the next run delivers them`, { left });
    },
  };
}
