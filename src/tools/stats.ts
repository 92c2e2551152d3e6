import { type Context, defineTool, Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
import { byStream } from "../core/streams.ts";
import { Tally } from "../core/tally.ts";
import {
  type CountOptions,
  countRule,
  freshnessOption,
  keysOption,
  maxCategoriesOption,
  otherOption,
  refusalTeller,
} from "../distribution/count-options.ts";
import type { View } from "../distribution/counts.ts";
import { eventStats, type StatsInput } from "../distribution/event-stats.ts";
import { keyedEvents } from "../distribution/keyed-events.ts";
import { eventWindow } from "../rate/event-window.ts";
import { windowOption } from "../rate/window-option.ts";
import type { EventAtHand } from "../records/event-reader.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import { distributionPart, ratePart, type StatsRecord } from "../records/stats.ts";
import type { Source } from "../sources/catalogue.ts";
import { eventShower, sourceOption } from "../sources/shown-events.ts";
import { redisOption } from "../store/connect.ts";
import {
  checkFollowing,
  everyOption,
  type FollowOptions,
  followStore,
  stateOption,
} from "../store/follow.ts";
import { statsView } from "../store/stats-view.ts";
import type { Branch } from "../store/store.ts";
import { inputStream, streamsOption } from "../store/streams-option.ts";

interface Options extends FollowOptions, CountOptions, MessageOptions {
  readonly over: View;
  readonly only?: "rate" | "distribution" | undefined;
  readonly stdin: boolean;
  readonly window: number;
  readonly source?: Source | undefined;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** What is told, and from where. */
interface Selection {
  readonly branches: readonly Branch[];
  /** The totals that are needed. */
  readonly over: View | undefined;
  readonly part: (record: StatsRecord) => object;
}

/** What goes with --stdin, and who decides it in Redis. */
const STDIN_OPTIONS: ReadonlyMap<string, string> = new Map([
  ["--window", "redis-insert --ttl decides"],
  ["--lateness", "diff and insert-distribution decide"],
  ["--keys", "insert-distribution decides"],
  ["--other", "insert-distribution decides"],
  ["--max-categories", "insert-distribution decides"],
  ["--source", "insert-distribution decides"],
  ["--time", "the tools that write decide"],
  ["--key", "the tools that write decide"],
  ["--id", "the tools that write decide"],
]);

export const run = defineTool<Options>({
  name: "stats",
  role: ({ stdin }) => (stdin ? "filter" : "source"),
  declare: (base) =>
    base
      .addOption(everyOption())
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
      .addOption(stateOption())
      .addOption(streamsOption())
      .addOption(redisOption())
      .optionsGroup("With --stdin (in Redis the tools that write decide):")
      .option("--stdin", "work on events from standard input, in memory, without Redis", false)
      .addOption(windowOption())
      .addOption(freshnessOption())
      .addOption(keysOption())
      .addOption(otherOption())
      .addOption(maxCategoriesOption())
      .addOption(sourceOption())
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
  $ bin/stats --stream all | bin/check-detect --state detect.json
  $ bin/stats --once --over all | jq '{entropy, n, categories}'
  $ bin/stats --once --state stats.json | bin/check-detect --state detect.json
  $ bin/ingest | bin/stats --stdin --over all | bin/check-detect`,
      ),
  run: stats,
});

async function stats(options: Options, context: Context): Promise<void> {
  checkFollowing(options);
  const selection = selectionOf(options);
  if (options.stdin) return followEvents(options, selection, context);
  refuseStray(context);
  return followStore(options, (store) => statsView(store, selection), context);
}

/** @throws ToolError (usage) for an option that would change nothing. */
function refuseStray({ given }: Context): void {
  for (const [flag, writers] of STDIN_OPTIONS) {
    if (given(flag)) throw new ToolError("usage", `${flag} goes with --stdin; in Redis ${writers}`);
  }
}

function selectionOf({ only, over }: Options): Selection {
  if (only === "rate") return { branches: ["gaps", "counts"], over: undefined, part: ratePart };
  if (only === "distribution") return { branches: ["counts"], over, part: distributionPart };
  return { branches: ["gaps", "counts"], over, part: (record) => record };
}

/** Works on events as they come, without a store. */
async function followEvents(options: Options, { over, part }: Selection, context: Context): Promise<void> {
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("events");
  const rule = countRule(options);
  const refused = refusalTeller(options, context.log);
  const shownOf = eventShower({ source: options.source, raw: options.time !== undefined });
  let current: EventAtHand | undefined;
  const show = options.only === "rate" ? undefined : () => shownOf(current!);
  const windowOf = () => eventWindow({ window: options.window, lateness: rule.latenessMs });
  const stages = byStream<StatsInput, StatsRecord>(
    (stream) => eventStats({ stream, rule, over, refused, show, window: windowOf() }),
    () => (record) => records.write(part(record)),
  );
  const { line, end } = keyedEvents(
    { stream: inputStream(options.stream), paths: messagePaths(options) },
    {
      event(event, key) {
        const { stream, t, at } = event;
        tally.add("events");
        current = event;
        stages.of(stream).push({ kind: "event", t, at, key, connected: true });
      },
      tick({ stream, at, connected }) {
        tally.add("ticks");
        stages.of(stream).push({ kind: "tick", t: at, at, key: null, connected });
      },
    },
    tally,
  );
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
      stages.end();
      await records.end();
    }
  });
}
