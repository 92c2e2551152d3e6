import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine, type LineLoop } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { byStream, type StreamStages } from "../core/streams.ts";
import { Tally } from "../core/tally.ts";
import {
  type CountOptions,
  countRule,
  freshnessOption,
  keyFault,
  keysOption,
  maxCategoriesOption,
  otherOption,
  refusalTeller,
} from "../distribution/count-options.ts";
import type { View } from "../distribution/counts.ts";
import { eventStats, type StatsInput } from "../distribution/event-stats.ts";
import { eventWindow } from "../rate/event-window.ts";
import { eventReader } from "../records/event-reader.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import { distributionPart, ratePart, type StatsRecord } from "../records/stats.ts";
import { openStore, redisOption } from "../store/connect.ts";
import { pollOnce } from "../store/poll-once.ts";
import { pollStream } from "../store/poll-stream.ts";
import type { RedisAddress } from "../store/redis-address.ts";
import { statsView } from "../store/stats-view.ts";
import type { Branch } from "../store/store.ts";

interface Options extends CountOptions, MessageOptions {
  readonly every: number;
  readonly over: View;
  readonly only?: Only | undefined;
  readonly once: boolean;
  readonly state?: string | undefined;
  readonly stream?: string | undefined;
  readonly redis: RedisAddress;
  readonly stdin: boolean;
  readonly window: number;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

type Only = "rate" | "distribution";

/** What is told, and from where. */
interface Selection {
  readonly branches: readonly Branch[];
  /** The totals that are needed. */
  readonly over: View | undefined;
  readonly part: (record: StatsRecord) => object;
}

/** What goes with --stdin, and who decides it in Redis. */
const STDIN_OPTIONS: readonly (readonly [option: string, flag: string, writers: string])[] = [
  ["window", "--window", "redis-insert --ttl decides"],
  ["lateness", "--lateness", "diff and insert-distribution decide"],
  ["keys", "--keys", "insert-distribution decides"],
  ["other", "--other", "insert-distribution decides"],
  ["maxCategories", "--max-categories", "insert-distribution decides"],
  ["time", "--time", "the tools that write decide"],
  ["key", "--key", "the tools that write decide"],
  ["id", "--id", "the tools that write decide"],
];

export const run = defineTool<Options>({
  name: "stats",
  role: ({ stdin }) => (stdin ? "filter" : "source"),
  declare: (base) =>
    base
      .addOption(
        new Option("--every <span>", "how often to look").argParser(parsePositiveSpan).default(1, "1s"),
      )
      .addOption(
        new Option(
          "--over <view>",
          "the counts whose entropy is told: those that halve every hour, or all since the start",
        )
          .choices(["recent", "all"] as const)
          .default("recent" as const),
      )
      .addOption(
        new Option("--only <part>", "tell rate or distribution records instead of both in one").choices([
          "rate",
          "distribution",
        ] as const),
      )
      .option("--once", "look once and end, for cron", false)
      .option("--state <file>", "with --once: tell each second since the last run, which FILE remembers")
      .option(
        "--stream <name>",
        "the stream to look at (default: the only one); with --stdin, of records that name none",
      )
      .addOption(redisOption())
      .optionsGroup("With --stdin (in Redis the tools that write decide):")
      .option("--stdin", "work on events from standard input, in memory, without Redis", false)
      .addOption(
        new Option("--window <span>", "length of the window of gaps")
          .argParser(parsePositiveSpan)
          .default(120, "120s"),
      )
      .addOption(freshnessOption())
      .addOption(keysOption())
      .addOption(otherOption())
      .addOption(maxCategoriesOption())
      .addOption(timeOption())
      .addOption(keyOption())
      .addOption(idOption())
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/stats | bin/check-detect
  $ bin/stats --once --over all | jq '{entropy, n, categories}'
  $ bin/stats --once --state stats.json | bin/check-detect --state detect.json
  $ bin/ingest | bin/stats --stdin --over all | bin/check-detect`,
      ),
  run: stats,
});

async function stats(options: Options, context: Context): Promise<void> {
  checkTogether(options, context);
  const selection = selectionOf(options);
  if (options.stdin) return followEvents(options, selection, context);
  return followStore(options, selection, context);
}

/** @throws ToolError (usage) for options that contradict one another. */
function checkTogether({ stdin, once, state }: Options, { given }: Context): void {
  const refuse = (message: string) => {
    throw new ToolError("usage", message);
  };
  if (stdin && once) refuse("--stdin reads to the end of its input; --once is for Redis: give one of them");
  if (state !== undefined && !once) refuse("--state goes with --once");
  if (stdin) return;
  for (const [option, flag, writers] of STDIN_OPTIONS) {
    if (given(option)) refuse(`${flag} goes with --stdin; in Redis ${writers}`);
  }
}

function selectionOf({ only, over }: Options): Selection {
  if (only === "rate") return { branches: ["gaps", "counts"], over: undefined, part: ratePart };
  if (only === "distribution") return { branches: ["counts"], over, part: distributionPart };
  return { branches: ["gaps", "counts"], over, part: (record) => record };
}

/** Polls what redis-insert and insert-distribution keep. */
async function followStore(
  { redis, stream, state, every, once }: Options,
  selection: Selection,
  { log, stop, conclude }: Context,
): Promise<void> {
  const store = await openStore(redis, { clock: systemClock, log, signal: stop.signal });
  const output = standardOutput();
  const records = recordOutput(output);
  const view = statsView(store, selection);
  try {
    if (once) {
      await pollOnce(view, { stream, state }, async (all, remark) => {
        for (const record of all) records.write(record);
        await records.end();
        if (remark !== undefined) log.warning(remark);
      });
      return;
    }
    const tally = new Tally("readings", "polls");
    conclude(tally);
    const ending = AbortSignal.any([stop.signal, output.gone]);
    await pollStream(view, { every, stream }, { clock: systemClock, log, tally, records, ending });
    await records.end();
  } finally {
    await store.close();
  }
}

/** Works on events as they come, without a store. */
async function followEvents(options: Options, { over, part }: Selection, context: Context): Promise<void> {
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("events");
  const rule = countRule(options);
  const refused = refusalTeller(options, context.log);
  const windowOf = () => eventWindow({ window: options.window, lateness: rule.latenessMs });
  const stages = byStream<StatsInput, StatsRecord>(
    (stream) => eventStats({ stream, rule, over, refused, window: windowOf() }),
    () => (record) => records.write(part(record)),
  );
  const { line, end } = eventLines(options, { stages, tally });
  const ending = AbortSignal.any([context.stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine(
        (take) => readStdin(take, ending),
        { line, settle: records.ready },
        { ...tools, stop: ending },
      );
    } finally {
      // What came before a line that --strict ends at is told all the same.
      end();
      await records.end();
    }
  });
}

/** Gives events and ticks to the stage of their stream. */
function eventLines(
  options: Options,
  { stages, tally }: { stages: StreamStages<StatsInput>; tally: Tally },
): { line: LineLoop["line"]; end: () => void } {
  let fault: string | undefined;
  const reader = eventReader(
    { stream: options.stream ?? "stdin", paths: messagePaths(options) },
    {
      event({ stream, t, at, key }) {
        const category = key();
        const wrong = keyFault(category);
        if (wrong !== undefined) {
          fault = wrong;
          return;
        }
        tally.add("events");
        stages.of(stream).push({ kind: "event", t, at, key: category, connected: true });
      },
      tick({ stream, at, connected }) {
        tally.add("ticks");
        stages.of(stream).push({ kind: "tick", t: at, at, key: null, connected });
      },
      ignored: () => tally.add("ignored"),
      ahead: () => tally.add("ahead"),
    },
  );
  return {
    line(buffer, start, end) {
      fault = undefined;
      return reader.line(buffer, start, end) ?? fault;
    },
    end() {
      fault = undefined;
      reader.end();
      if (fault !== undefined) tally.add("bad");
      stages.end();
    },
  };
}
