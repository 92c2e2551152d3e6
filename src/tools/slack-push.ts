import { join } from "node:path";
import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { environmentVariable, stateFolder } from "../core/environment.ts";
import { ToolError } from "../core/errors.ts";
import type { Faults } from "../core/faults.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { type Log, parseSeverity, type Severity } from "../core/log.ts";
import { standardOutput } from "../core/output.ts";
import { parseSize } from "../core/sizes.ts";
import { parsePositiveSpan, parseSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { type Allowance, parseAllowance } from "../sinks/slack/allowance.ts";
import { courier } from "../sinks/slack/courier.ts";
import { spoolIntake } from "../sinks/slack/intake.ts";
import { type Keeper, openKeeper } from "../sinks/slack/keeper.ts";
import { type Ledger, ledger } from "../sinks/slack/ledger.ts";
import { type Poster, webhookPoster } from "../sinks/slack/post.ts";
import { previewLines } from "../sinks/slack/preview.ts";
import { openSpool, type Spool } from "../sinks/slack/spool.ts";
import { readTimely } from "../sinks/slack/timely-input.ts";
import { adoptUnposted, unposted } from "../sinks/slack/unposted.ts";
import { readWebhook } from "../sinks/slack/webhook.ts";

interface Options {
  readonly slackConfig?: string | undefined;
  readonly dryRun: boolean;
  readonly minSeverity?: Severity | undefined;
  readonly fold: number;
  readonly atMost: Allowance;
  readonly keep?: string | undefined;
  readonly interval: number;
  readonly timeout: number;
  readonly giveUp: number;
  readonly spoolMax: number;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

export const run = defineTool<Options>({
  name: "slack-push",
  role: "filter",
  declare: (base) =>
    base
      .option("--slack-config <file>", 'read {"url": …} from FILE (default: CONFIG_SLACK.json)')
      .option(
        "--dry-run",
        "print each message as JSON instead of posting it; touches neither disk nor network",
        false,
      )
      .addOption(
        new Option(
          "--min-severity <severity>",
          "of log records post only these (DEBUG, INFO, NOTICE, WARNING, ERROR, …) and graver ones; alerts pass, other records are ignored",
        ).argParser(parseSeverity),
      )
      .addOption(
        new Option(
          "--fold <span>",
          "how long repeats of a log record are gathered into one post; 0s: not at all",
        )
          .argParser(parseSpan)
          .default(60, "60s"),
      )
      .addOption(
        new Option(
          "--at-most <posts/span>",
          "most posts of log records in any such span; the rest is counted and told",
        )
          .argParser(parseAllowance)
          .default(parseAllowance("20/10m"), "20/10m"),
      )
      .option("--keep <file>", "append the log records that are posted, folded or held back to FILE, as read")
      .addOption(
        new Option("--interval <span>", "least time between two posts")
          .argParser(parsePositiveSpan)
          .default(1, "1s"),
      )
      .addOption(
        new Option("--timeout <span>", "longest that one post may take")
          .argParser(parsePositiveSpan)
          .default(10, "10s"),
      )
      .addOption(
        new Option("--give-up <span>", "how long to go on without progress once the input has ended")
          .argParser(parsePositiveSpan)
          .default(60, "60s"),
      )
      .addOption(
        new Option("--spool-max <size>", "how large the spool may grow")
          .argParser(parseSize)
          .default(64 * 2 ** 20, "64MiB"),
      )
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
The webhook's address is a secret: it comes from SLACK_WEBHOOK_URL or from CONFIG_SLACK.json, never from an option.
What is read is kept on disk until Slack has taken it; a next run delivers what an earlier one left.

A log record (one with a severity) is posted at once; what says the same within --fold of a post about it (same
severity, tool and message, numbers aside) is told by one post with the count when that is over, or at the end of the
input. What --at-most holds back is told by one post when there is room again. A crash loses of these counts what the
last second brought, at most; the next run tells the rest. Alerts are never folded or held back.

Examples:
  $ bin/avg | bin/check-detect --below avg=20s | bin/slack-push
  $ echo '{"text": "deployed"}' | bin/slack-push --dry-run
  $ bin/ingest 2>&1 >/dev/null | bin/slack-push --min-severity ERROR --keep errors.ndjson
  $ bin/slack-push </dev/null                                    deliver what is left`,
      ),
  run: (options, context) => (options.dryRun ? show(options, context) : push(options, context)),
});

/** How log records are gathered. */
const foldingOf = ({ minSeverity, fold, atMost }: Options) => ({
  minSeverity,
  span: fold * 1000,
  allowance: atMost,
  clock: systemClock,
});

/** `--dry-run`: one message a record. */
async function show(options: Options, context: Context): Promise<void> {
  const output = standardOutput();
  const tally = new Tally("shown");
  const lines = previewLines({ ...foldingOf(options), tally, output });
  const stop = AbortSignal.any([context.stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    try {
      await readTimely(lines, { ...tools, stop, clock: systemClock });
    } finally {
      lines.end();
      await output.flush();
    }
  });
}

async function push(options: Options, context: Context): Promise<void> {
  const webhook = readWebhook({
    variable: environmentVariable("SLACK_WEBHOOK_URL"),
    file: options.slackConfig,
  });
  const folder = join(stateFolder(), "outbox", webhook.hash);
  const spool = openSpool(folder, { bytesMax: options.spoolMax, clock: systemClock });
  await adoptUnposted(spool);
  const keeper = options.keep === undefined ? undefined : openKeeper(options.keep, context.log);
  const poster = await webhookPoster(webhook.url, options.timeout * 1000);
  const tally = new Tally("delivered");
  const own = ledger(tally);
  try {
    await withFaults(context, options, tally, (tools) =>
      deliverInput({ options, context, spool, poster, keeper, ledger: own, ...tools }),
    );
    keeper?.end();
  } finally {
    keeper?.close();
    await poster.close();
    const left = own.left();
    tally.add("left", left);
    tellOthers(context.log, own.others());
    if (left > 0 && context.stop.signal.aborted) {
      context.log.notice(`${left} left in ${folder}; the next run delivers them`, { left });
    }
  }
}

interface Parts {
  readonly options: Options;
  readonly context: Context;
  readonly spool: Spool;
  readonly poster: Poster;
  readonly keeper: Keeper | undefined;
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly faults: Faults;
}

/** Reads and delivers side by side; at the end of the input what waits is still delivered. */
async function deliverInput({
  options,
  context,
  spool,
  poster,
  keeper,
  ledger,
  tally,
  faults,
}: Parts): Promise<void> {
  const { log, stop } = context;
  const halt = new AbortController();
  const { run, wake, finish } = courier({
    spool,
    poster,
    ledger,
    log,
    clock: systemClock,
    random: Math.random,
    interval: options.interval * 1000,
    giveUp: options.giveUp * 1000,
    stop: AbortSignal.any([stop.signal, halt.signal]),
  });
  const counts = unposted(spool.folder, { clock: systemClock, log });
  const intake = spoolIntake({
    ...foldingOf(options),
    spool,
    unposted: counts,
    ledger,
    tally,
    keeper,
    log,
    wake,
  });

  const failed = new AbortController();
  const delivered = run().then(
    () => undefined,
    (error: unknown) => {
      failed.abort();
      return { error };
    },
  );
  const ending = AbortSignal.any([stop.signal, failed.signal]);
  let fault: unknown;
  try {
    await readTimely(intake, { tally, faults, clock: systemClock, stop: ending });
    await intake.drain();
  } catch (error) {
    fault = error;
    // Bad input under --strict: what stood before it is delivered. Anything else leaves it to the next run.
    if (!(error instanceof ToolError && error.kind === "badInput")) halt.abort();
    // What the disk does not take is told there.
    await intake.drain().catch(() => {});
  }
  finish();
  const failure = await delivered;
  intake.end();
  // That nothing gets through comes before bad input.
  if (failure !== undefined) throw failure.error;
  if (fault !== undefined) throw fault;
}

function tellOthers(log: Log, others: number): void {
  if (others === 0) return;
  log.info(`besides, ${others} of earlier runs or other processes went out`, { others });
}
