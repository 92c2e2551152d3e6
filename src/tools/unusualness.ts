import { type Context, defineTool, Option } from "../core/cli.ts";
import type { Facts } from "../core/errors.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import type { Log } from "../core/log.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { parseShare, parseWholeNumber } from "../core/numbers.ts";
import { standardOutput } from "../core/output.ts";
import { formatNumber } from "../core/spans.ts";
import type { Stage } from "../core/stage.ts";
import { byStream } from "../core/streams.ts";
import { Tally } from "../core/tally.ts";
import { parseFalseAlarms } from "../detect/budget.ts";
import { dailyNotice } from "../distribution/daily-notice.ts";
import { type Finding, findingsBelow, findingsWithin } from "../distribution/findings.ts";
import { type ScoredEvent, type Sighting, scoredEvents } from "../distribution/scored-events.ts";
import { formatScore, unusualAlerts } from "../distribution/unusual-alerts.ts";
import type { AlertRecord } from "../records/alert.ts";
import { type EventAtHand, eventReader } from "../records/event-reader.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import { parseSource, type Source } from "../sources/catalogue.ts";
import { showingOf, shownMessage } from "../sources/showing.ts";

interface Options extends MessageOptions {
  readonly falseAlarms?: number | undefined;
  readonly probability?: number | undefined;
  readonly maxCategories: number;
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
      .option("--scores", "write probability, surprisal and rarity of each event, and no alerts", false)
      .addOption(
        new Option(
          "--source <name>",
          "where messages have words and a link: as in this source (default: the one that the stream is called after)",
        ).argParser(parseSource),
      )
      .addOption(timeOption())
      .addOption(keyOption())
      .addOption(idOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
The first 300 events with a category are learnt only. Each later one is scored, then learnt.

Examples:
  $ bin/ingest | bin/unusualness | bin/slack-push
  $ bin/ingest --replay rsvps.ndjson --speed max | bin/unusualness --scores
  $ bin/unusualness --time mtime --key group.group_state --source meetup-rsvps < rsvps.ndjson`,
      ),
  run: unusualness,
});

async function unusualness(options: Options, context: Context): Promise<void> {
  const { log, stop } = context;
  const paths = messagePaths(options);
  if (options.probability !== undefined && options.falseAlarms !== undefined) {
    throw new ToolError(
      "usage",
      "--probability gives every such event; --false-alarms is a budget: give one",
    );
  }
  if (paths !== undefined && options.key === undefined) {
    log.warning("raw messages without --key PATH have no category, so there is nothing to score");
  }
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("judged");
  const watch = watchStreams(options, { log, tally, alert: records.write });
  const reader = eventReader(
    { stream: options.stream, paths },
    {
      event: watch.event,
      tick({ stream, at }) {
        watch.tick(stream, at);
        tally.add("ticks");
      },
      ignored: () => tally.add("ignored"),
      ahead: () => tally.add("ahead"),
    },
  );
  const settle = () => {
    output.write(watch.takeScores());
    return records.ready();
  };
  const ending = AbortSignal.any([stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine(
        (take) => readStdin(take, ending),
        { line: reader.line, settle },
        { ...tools, stop: ending },
      );
    } finally {
      // What came before a line that --strict ends at is given all the same.
      reader.end();
      settle();
    }
    await records.end();
    if (!options.scores) log.info(outcome(watch.counts), watch.counts);
  });
}

interface Counts extends Facts {
  alerts: number;
  heldBack: number;
  streams: number;
}

interface Telling {
  readonly log: Log;
  readonly tally: Tally;
  alert(record: AlertRecord): void;
}

/** All streams of the input, each with a model of its own. */
function watchStreams(options: Options, { log, tally, alert }: Telling) {
  const counts: Counts = { alerts: 0, heldBack: 0, streams: 0 };
  /** The event that is pushed now: what the stages have to say of it they say before it is gone. */
  let current: EventAtHand | undefined;
  let scores = "";

  function tellAlert(stream: string): (finding: Finding) => void {
    const showing = options.source ?? showingOf(stream);
    const alertOf = unusualAlerts(stream);
    return (finding) => {
      const line = JSON.parse(current!.line().toString("utf8")) as { event?: unknown };
      const shown = shownMessage(options.time === undefined ? line.event : line, showing);
      counts.alerts++;
      alert(alertOf(finding, { ...shown, noun: showing.noun, id: current!.id() }));
    };
  }
  function findings(stream: string): Stage<ScoredEvent, Finding> {
    if (options.probability !== undefined) return findingsBelow(options.probability);
    const perDay = options.falseAlarms ?? ALERTS_A_DAY;
    const tell = dailyNotice((count) =>
      log.notice(`${stream}: ${tooManyFindings(perDay, count)}`, { stream, heldBack: count }),
    );
    return findingsWithin({
      perDay,
      heldBack(now) {
        counts.heldBack++;
        tell(now);
      },
    });
  }
  function stageOf(stream: string): ReturnType<Stage<Sighting, ScoredEvent>> {
    counts.streams++;
    const told = options.scores ? undefined : findings(stream)(tellAlert(stream));
    const beyond = once(() =>
      log.warning(`${stream}: ${tooManyCategories(options.maxCategories)}`, { stream }),
    );
    return scoredEvents({ categoriesMax: options.maxCategories, exact: options.scores, beyond })((event) => {
      tally.add(event.judged ? "judged" : "warm-up");
      if (told === undefined) scores += formatScore({ t: current!.t, stream, key: event.key }, event);
      else told.push(event);
    });
  }

  const stages = byStream<Sighting, never>(
    (stream) => () => stageOf(stream),
    () => () => {},
  );
  return {
    counts,
    event(event: EventAtHand): void {
      current = event;
      const { stream, t } = event;
      stages.of(stream).push(event);
      if (event.key() !== null) return;
      tally.add("unkeyed");
      if (options.scores) scores += formatScore({ t, stream, key: null }, undefined);
    },
    tick: (stream: string, at: number) => stages.of(stream).tick?.(at),
    /** The score lines of the events since the last call. */
    takeScores(): string {
      const taken = scores;
      scores = "";
      return taken;
    },
  };
}

const tooManyFindings = (perDay: number, count: number): string =>
  `more improbable events than ${formatNumber(perDay)} a day: ${formatNumber(count)} kept back so far (--false-alarms sets the budget)`;

const tooManyCategories = (max: number): string =>
  `more than ${formatNumber(max)} categories, or one with a name of over 1,000 characters: such count as never seen (--max-categories says how many are kept)`;

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

const plural = (count: number, noun: string) => `${formatNumber(count)} ${noun}${count === 1 ? "" : "s"}`;

function outcome({ alerts, heldBack, streams }: Counts): string {
  const told = `${plural(alerts, "alert")} from ${plural(streams, "stream")}`;
  return heldBack === 0 ? told : `${told}; ${formatNumber(heldBack)} kept back by the budget`;
}
