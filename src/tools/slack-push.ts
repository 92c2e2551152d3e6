import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { environmentVariable, stateFolder } from "../core/environment.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine, type LineLoop } from "../core/line-loop.ts";
import { type Log, SEVERITIES, type Severity } from "../core/log.ts";
import { standardOutput } from "../core/output.ts";
import { formatNumber, parsePositiveSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { courier } from "../sinks/slack/courier.ts";
import { decodeItem, type Item, isSevere } from "../sinks/slack/item.ts";
import { ledger } from "../sinks/slack/ledger.ts";
import { messageOf } from "../sinks/slack/payload.ts";
import { webhookPoster } from "../sinks/slack/post.ts";
import { openSpool, type Spool } from "../sinks/slack/spool.ts";
import { readWebhook } from "../sinks/slack/webhook.ts";

/** Records that are told one by one when the spool cannot keep them. */
const UNKEPT_TOLD_MAX = 100;

interface Options {
  readonly slackConfig?: string | undefined;
  readonly dryRun: boolean;
  readonly minSeverity?: Severity | undefined;
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
          "of log records post only these and graver ones; alerts pass, other records are ignored",
        ).argParser(parseSeverity),
      )
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
        new Option("--spool-max <bytes>", "how large the spool may grow")
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

Examples:
  $ avg | check-detect --below avg=20s | slack-push
  $ echo '{"text": "deployed"}' | slack-push --dry-run
  $ ingest 2>&1 >/dev/null | slack-push --min-severity ERROR
  $ slack-push </dev/null                                    deliver what is left`,
      ),
  run: (options, context) => (options.dryRun ? show(options, context) : push(options, context)),
});

function parseSeverity(text: string): Severity {
  const known = SEVERITIES.find((severity) => severity === text.toUpperCase());
  if (known !== undefined) return known;
  throw new ToolError("usage", `expected one of ${SEVERITIES.join(", ")}, got ${JSON.stringify(text)}`);
}

const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?i?B)$/i.exec(text.trim());
  const size = match === null ? undefined : Number(match[1]) * SIZES[match[2]!.toUpperCase()]!;
  if (size !== undefined && size >= 1) return Math.floor(size);
  throw new ToolError("usage", `expected a size with a unit, as 64MiB, got ${JSON.stringify(text)}`);
}

/** The lines that are records to be posted; counts those that `--min-severity` holds back. */
function itemLines(
  { minSeverity }: Options,
  tally: Tally,
  take: (item: Item, line: Buffer) => void,
): LineLoop["line"] {
  return (buffer, start, end) => {
    const line = buffer.subarray(start, end);
    if (!isUtf8(line)) return "expected UTF-8, got other bytes";
    const item = decodeItem(line.toString("utf8"));
    if (typeof item === "string") return item;
    if (minSeverity !== undefined && !isSevere(item, minSeverity)) tally.add(ignoredAs(item));
    else take(item, line);
    return undefined;
  };
}

const ignoredAs = (item: Item) =>
  item.kind === "alert" || item.severity === undefined ? "ignored" : "below";

/** `--dry-run`: one message a record. */
async function show(options: Options, context: Context): Promise<void> {
  const output = standardOutput();
  const tally = new Tally("shown");
  let text = "";
  const line = itemLines(options, tally, (item) => {
    tally.add("shown");
    text += `${JSON.stringify(messageOf(item))}\n`;
  });
  const settle = () => {
    output.write(text);
    text = "";
    return output.ready();
  };
  const ending = AbortSignal.any([context.stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine((take) => readStdin(take, ending), { line, settle }, { ...tools, stop: ending });
    } finally {
      settle();
      await output.flush();
    }
  });
}

async function push(options: Options, context: Context): Promise<void> {
  const webhook = readWebhook({
    variable: environmentVariable("SLACK_WEBHOOK_URL"),
    file: options.slackConfig,
  });
  const { log, stop } = context;
  const folder = join(stateFolder(), "outbox", webhook.hash);
  const spool = openSpool(folder, { bytesMax: options.spoolMax, clock: systemClock });
  const poster = await webhookPoster(webhook.url, options.timeout * 1000);
  const tally = new Tally("delivered");
  const own = ledger(tally);
  const halt = new AbortController();
  const sender = courier({
    spool,
    poster,
    ledger: own,
    log,
    clock: systemClock,
    random: Math.random,
    interval: options.interval * 1000,
    giveUp: options.giveUp * 1000,
    stop: AbortSignal.any([stop.signal, halt.signal]),
  });
  const intake = spoolIntake({ options, tally, own, spool, log, wake: sender.wake });

  let failure: unknown;
  const failed = new AbortController();
  const delivering = sender.run().catch((error: unknown) => {
    failure = error;
    failed.abort();
  });
  const ending = AbortSignal.any([stop.signal, failed.signal]);
  try {
    await withFaults(context, options, tally, async (tools) => {
      try {
        await forEachLine((take) => readStdin(take, ending), intake, { ...tools, stop: ending });
      } catch (error) {
        // Only bad input under --strict leaves anything to be delivered: what was read before it.
        if (!(error instanceof ToolError) || error.kind !== "badInput") halt.abort();
        else await intake.settle();
        throw error;
      } finally {
        sender.finish();
        await delivering;
      }
      if (failure !== undefined) throw failure;
    });
  } finally {
    await poster.close();
    intake.end();
    tally.add("left", own.left());
    const others = own.others();
    if (others > 0)
      log.info(`${others} records of earlier runs or other processes were delivered too`, { others });
    if (own.left() > 0 && stop.signal.aborted) {
      log.notice(`${own.left()} left in ${folder}; the next run delivers them`, { left: own.left() });
    }
  }
}

interface IntakeParts {
  readonly options: Options;
  readonly tally: Tally;
  readonly own: ReturnType<typeof ledger>;
  readonly spool: Spool;
  readonly log: Log;
  readonly wake: () => void;
}

/** Standard input into the spool: a chunk is on the disk before anything is done with it. */
function spoolIntake({ options, tally, own, spool, log, wake }: IntakeParts) {
  let lines: Buffer[] = [];
  let droppedTold = 0;

  function tellDropped(): void {
    const dropped = tally.count("dropped");
    if (dropped === droppedTold) return;
    droppedTold = dropped;
    log.error(
      `the spool is full (--spool-max ${formatNumber(options.spoolMax)} bytes): ${dropped} records dropped so far`,
      { dropped },
    );
  }

  return {
    line: itemLines(options, tally, (_, line) => lines.push(Buffer.from(line))),
    async settle() {
      if (lines.length === 0) return;
      const chunk = lines;
      lines = [];
      try {
        const { ends, dropped } = await spool.append(chunk);
        own.appended(ends);
        if (dropped > 0) {
          tally.add("dropped", dropped);
          // The first at once, then at every doubling: a flood must not fill the log as well.
          if (tally.count("dropped") >= droppedTold * 2) tellDropped();
        }
      } catch (error) {
        tally.add("not kept", chunk.length);
        for (const line of chunk.slice(0, UNKEPT_TOLD_MAX)) log.error(`not kept: ${line.toString("utf8")}`);
        if (chunk.length > UNKEPT_TOLD_MAX) log.error(`not kept: ${chunk.length - UNKEPT_TOLD_MAX} more`);
        throw error;
      }
      wake();
    },
    end: tellDropped,
  };
}
