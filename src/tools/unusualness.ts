import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import type { Log } from "../core/log.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { parseShare, parseWholeNumber } from "../core/numbers.ts";
import { standardOutput } from "../core/output.ts";
import { formatNumber } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { parseFalseAlarms } from "../detect/budget.ts";
import { UnusualStreams, type UnusualStreamsOptions } from "../distribution/unusualness/unusual-streams.ts";
import { type EventAtHand, eventReader } from "../records/event-reader.ts";
import type { MessagePaths } from "../records/message.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import type { Source } from "../sources/catalogue.ts";
import { eventShower, sourceOption } from "../sources/shown-events.ts";
import { AlertPublisher } from "../store/alert-publisher.ts";
import { openStore, redisOption } from "../store/connect.ts";
import { KnownEvents } from "../store/known-events.ts";
import { checkPublishing, publishOption } from "../store/publishing.ts";
import type { RedisAddress } from "../store/redis-address.ts";
import { startsIn } from "../store/warm-starts.ts";

interface Options extends MessageOptions {
  readonly falseAlarms?: number | undefined;
  readonly probability?: number | undefined;
  readonly maxCategories: number;
  readonly warmStart: boolean;
  readonly publish: boolean;
  readonly redis: RedisAddress;
  readonly scores: boolean;
  readonly source?: Source | undefined;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** Alerts a day and stream, where nothing else is asked for. */
const ALERTS_A_DAY = 10;

export const run = defineTool<Options>({
  name: "unusualness",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        new Option(
          "--false-alarms <n/unit>",
          "alerts to live with while all is well, and at most given, a stream (default: 10/day)",
        ).argParser(parseFalseAlarms),
      )
      .addOption(
        new Option(
          "--probability <share>",
          "instead: alert on every event whose probability is below this, such as 5%",
        ).argParser(parseShare),
      )
      .addOption(
        new Option("--max-categories <n>", "learn at most so many; further ones count as never seen")
          .argParser(parseWholeNumber)
          .default(1000),
      )
      .option("--warm-start", "begin with what insert-distribution keeps in Redis", false)
      .addOption(publishOption())
      .addOption(redisOption())
      .option("--scores", "write probability, surprisal and rarity of each event, and no alerts", false)
      .addOption(sourceOption())
      .addOption(timeOption())
      .addOption(keyOption())
      .addOption(idOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
The first 300 events with a category are learnt only, those of --warm-start included. Each later one is scored, then learnt.

Examples:
  $ bin/ingest | bin/unusualness | bin/slack-push
  $ bin/ingest | bin/unusualness --warm-start --publish > /dev/null
  $ bin/ingest --replay rsvps.ndjson --speed max | bin/unusualness --scores
  $ bin/unusualness --time mtime --key group.group_state --source meetup-rsvps < rsvps.ndjson`,
      ),
  run: unusualness,
});

async function unusualness(options: Options, context: Context): Promise<void> {
  checkTogether(options);
  const { log, stop } = context;
  const paths = messagePaths(options);
  if (paths !== undefined && options.key === undefined) {
    log.warning("raw messages without --key PATH have no category, so there is nothing to score");
  }
  const around = { clock: systemClock, log, signal: stop.signal };
  const store = options.warmStart || options.publish ? await openStore(options.redis, around) : undefined;
  try {
    const startOf =
      store !== undefined && options.warmStart
        ? await startsIn(store, { address: options.redis, ...around })
        : () => undefined;
    const known = store === undefined ? undefined : new KnownEvents({ store, ...around });
    const publisher =
      store !== undefined && options.publish ? new AlertPublisher({ store, ...around }) : undefined;
    await judge({ options, paths, startOf, known, publisher }, context);
  } finally {
    await store?.close();
  }
}

interface Judging {
  readonly options: Options;
  readonly paths: MessagePaths | undefined;
  readonly startOf: Streams["startOf"];
  /** Which events were counted in an earlier run, so that the model to begin with has learnt them. */
  readonly known: KnownEvents | undefined;
  readonly publisher: AlertPublisher | undefined;
}

/** Reads all events and writes what is improbable, or their scores. */
async function judge(
  { options, paths, startOf, known, publisher }: Judging,
  context: Context,
): Promise<void> {
  const { log, stop } = context;
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("judged");
  const counts = { alerts: 0, heldBack: 0 };
  const streams = new UnusualStreams<EventAtHand>({
    ...settingsOf(options),
    ...notices(options, log),
    startOf,
    alert(record) {
      counts.alerts++;
      records.write(record);
      publisher?.push(record);
    },
    counted: (part) => tally.add(part),
    heldBack: () => void counts.heldBack++,
  });
  const reader = readerInto(streams, { stream: options.stream, paths, known, tally });
  const settle = () => {
    output.write(streams.takeScores());
    return records.ready();
  };
  const ending = AbortSignal.any([stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    const read = () =>
      forEachLine(
        (take) => readStdin(take, ending),
        { line: reader.line, settle, held: () => known?.held(), isWhole: () => known?.isInRun === true },
        { ...tools, stop: ending },
      );
    try {
      // What came before a line that --strict ends at is given all the same.
      await read().finally(() => {
        reader.end();
        settle();
      });
      await records.end();
    } finally {
      await publisher?.finish(stop.signal);
    }
    const facts = { ...counts, streams: streams.count };
    if (!options.scores) log.info(outcome(facts), facts);
  });
}

/** Gives events and ticks to the streams that they belong to. */
const readerInto = (
  streams: UnusualStreams<EventAtHand>,
  {
    tally,
    known,
    ...messages
  }: Pick<Judging, "paths" | "known"> & {
    readonly stream: string;
    readonly tally: Tally;
  },
) =>
  eventReader(messages, {
    event(event) {
      if (event.cursor() !== undefined && known?.isRepeat(event) === true) tally.add("repeats");
      else streams.push(event);
    },
    tick({ stream, at, resumed: begun }) {
      const resumed = begun();
      if (resumed !== undefined) known?.begin(stream, resumed);
      streams.tick(stream, at);
      tally.add("ticks");
    },
    ignored: () => tally.add("ignored"),
    ahead: () => tally.add("ahead"),
  });

/** @throws ToolError (usage) for options that contradict one another. */
function checkTogether({ probability, falseAlarms, publish, scores }: Options): void {
  checkPublishing({ publish, scores });
  if (probability === undefined || falseAlarms === undefined) return;
  throw new ToolError("usage", "--probability gives every such event; --false-alarms is a budget: give one");
}

type Streams = UnusualStreamsOptions<EventAtHand>;

function settingsOf(options: Options): Pick<Streams, "rule" | "categoriesMax" | "scores" | "show"> {
  const { probability, falseAlarms, maxCategories, scores, source, time } = options;
  return {
    rule: probability === undefined ? { perDay: falseAlarms ?? ALERTS_A_DAY } : { below: probability },
    categoriesMax: maxCategories,
    scores,
    show: eventShower({ source, raw: time !== undefined }),
  };
}

function notices({ falseAlarms, maxCategories }: Options, log: Log): Pick<Streams, "overBudget" | "beyond"> {
  return {
    overBudget: (stream, count) =>
      log.notice(`${stream}: ${tooManyFindings(falseAlarms ?? ALERTS_A_DAY, count)}`, {
        stream,
        heldBack: count,
      }),
    beyond: (stream) => log.warning(`${stream}: ${tooManyCategories(maxCategories)}`, { stream }),
  };
}

const tooManyFindings = (perDay: number, count: number): string =>
  `more improbable events than ${formatNumber(perDay)} a day, or than half as many new categories: ${formatNumber(count)} kept back so far (--false-alarms sets the budget)`;

const tooManyCategories = (max: number): string =>
  `more than ${formatNumber(max)} categories, or one with a name of over 256 characters: such count as never seen (--max-categories says how many are kept)`;

const plural = (count: number, noun: string) => `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;

function outcome({ alerts, heldBack, streams }: Record<"alerts" | "heldBack" | "streams", number>): string {
  const told = `${plural(alerts, "alert")} from ${plural(streams, "stream")}`;
  return heldBack === 0 ? told : `${told}; ${formatNumber(heldBack)} kept back by the budget`;
}
