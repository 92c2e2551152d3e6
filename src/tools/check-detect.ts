import { setImmediate as nextTurn } from "node:timers/promises";
import { type Context, defineTool } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { type Output, standardOutput } from "../core/output.ts";
import { commandLine } from "../core/shell-words.ts";
import { Tally } from "../core/tally.ts";
import { describeDetectors } from "../detect/detectors.ts";
import { scoreRecord } from "../detect/scores.ts";
import { Suggestions } from "../detect/suggestions.ts";
import { type Watching, type WatchOptions, watchingOf, withWatchOptions } from "../detect/watch-options.ts";
import { Watches } from "../detect/watches.ts";
import type { AlertRecord } from "../records/alert.ts";
import { measurementLine } from "../records/measurement-line.ts";
import type { Source } from "../sources/catalogue.ts";
import { wordsOf, wordsOption } from "../sources/showing.ts";
import { AlertPublisher } from "../store/alert-publisher.ts";
import { openStore, redisOption } from "../store/connect.ts";
import { muteOption, mutesOf } from "../store/mute-file.ts";
import { checkPublishing, publishOption } from "../store/publishing.ts";
import type { RedisAddress } from "../store/redis-address.ts";
import { type StateSaver, stateSaver } from "../store/state-saver.ts";
import { openWatchState, takeUpState, watchStateOption } from "../store/watch-state.ts";

interface Options extends WatchOptions {
  readonly source?: Source | undefined;
  readonly mute?: string | undefined;
  readonly state?: string | undefined;
  readonly publish: boolean;
  readonly redis: RedisAddress;
  readonly scores: boolean;
  readonly suggest: boolean;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** How long a Redis that is away is waited for at the end, and how long after SIGTERM, s. */
const PATIENCE_SECONDS = 60;
const HURRY_SECONDS = 4;

export const run = defineTool<Options>({
  name: "check-detect",
  role: "filter",
  declare: (base) =>
    withWatchOptions(base)
      .addOption(wordsOption())
      .addOption(muteOption())
      .addOption(watchStateOption())
      .addOption(publishOption())
      .addOption(redisOption())
      .option("--scores", "write score and threshold of each record, and no alerts", false)
      .option("--suggest", "say what 1/day and 1/week would have told of a recording, and no alerts", false)
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Detectors:
${describeDetectors()}

Fields are the record's: avg=20s, rate=5, silence=2m, entropy=4.2, n, categories, any number; and share.CA=15%, a
category's share of the last 100 keyed events or a few more, from byKey.

rate and shift tell a change by how seldom chance alone does the like: --false-alarms is all there is to set.

Examples:
  $ bin/stats | bin/check-detect --false-alarms 1/week | bin/slack-push
  $ bin/check-detect --suggest < day.ndjson | jq -r .text
  $ bin/avg | bin/check-detect --below avg=20s --clear avg=25s --for 10s | bin/slack-push
  $ bin/stats | bin/check-detect --below share.CA=15% --clear share.CA=18%
  $ bin/avg --once --state avg.json | bin/check-detect --state detect.json
  $ bin/stats | bin/check-detect --state detect.json --publish | bin/slack-push`,
      ),
  run: checkDetect,
});

async function checkDetect(options: Options, context: Context): Promise<void> {
  const { log, stop } = context;
  checkTogether(options);
  const watching = watchingOf(options);
  if (options.suggest) return suggest(options, watching, context);
  const counts = { alerts: 0, muted: 0 };
  const watches = new Watches({
    detectors: (stream) => watching.detectors(wordsOf(stream, options.source)),
    isMuted: mutesOf(options.mute, log),
    muted: () => void counts.muted++,
  });
  const store = options.publish
    ? await openStore(options.redis, { clock: systemClock, log, signal: stop.signal })
    : undefined;
  try {
    const publisher =
      store === undefined ? undefined : new AlertPublisher({ store, clock: systemClock, log });
    await goOn({ options, watches, watched: watching.watched, publisher, counts }, context);
  } finally {
    await store?.close();
  }
}

/** Judges from where the last run ended, where there is `--state`. */
async function goOn(judging: Omit<Judging, "saver">, context: Context): Promise<void> {
  const { options, watches } = judging;
  const { log, stop } = context;
  const state = await openWatchState(options, stop.signal);
  if (state === undefined) return judge({ ...judging, saver: undefined }, context);
  try {
    await takeUpState(state, watches, log);
    const text = () => JSON.stringify(watches.snapshot());
    await judge({ ...judging, saver: stateSaver({ store: state, clock: systemClock, log, text }) }, context);
  } finally {
    await state.close();
  }
}

/** @throws ToolError (usage) for options that contradict one another. */
function checkTogether({ suggest, scores, publish, state, mute }: Options): void {
  checkPublishing({ publish, scores, suggest });
  if (!suggest) return;
  const other = scores
    ? "--scores"
    : state !== undefined
      ? "--state"
      : mute !== undefined
        ? "--mute"
        : undefined;
  if (other === undefined) return;
  throw new ToolError(
    "usage",
    `--suggest tries budgets on a recording, so ${other} says nothing to it: leave one out`,
  );
}

/** Tries budgets on all records, and writes what each would have told. */
async function suggest(options: Options, watching: Watching, context: Context): Promise<void> {
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("judged");
  const suggestions = new Suggestions((stream, perDay) =>
    watching.detectors(wordsOf(stream, options.source), perDay),
  );
  const line = measurementLine(
    { watched: watching.watched, stream: options.stream, tally },
    (record, stream) => suggestions.push(record, stream),
  );
  const ending = AbortSignal.any([context.stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    await forEachLine(
      (take) => readStdin(take, ending),
      { line, settle: records.ready },
      { ...tools, stop: ending },
    );
    const commandOf = (budget: string) =>
      commandLine("check-detect", { without: ["--suggest"], set: { "--false-alarms": budget } });
    for (const suggestion of suggestions.suggestions(commandOf)) records.write(suggestion);
    await records.end();
  });
}

interface Judging {
  readonly options: Options;
  readonly watches: Watches;
  /** Fields that the rules read. */
  readonly watched: readonly string[];
  readonly saver: StateSaver | undefined;
  readonly publisher: AlertPublisher | undefined;
  readonly counts: { alerts: number; readonly muted: number };
}

/** Reads all records and writes what they lead to. */
async function judge(judging: Judging, context: Context): Promise<void> {
  const { options, watches, watched, saver, publisher, counts } = judging;
  const { log, stop } = context;
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("judged");

  const line = measurementLine({ watched, stream: options.stream, tally }, (measurement, stream) => {
    const { judgements, alerts } = watches.push(measurement, stream);
    if (options.scores) records.write(scoreRecord(measurement.t, stream, judgements));
    else for (const alert of alerts) tell(alert);
    counts.alerts += alerts.length;
  });
  const tell = (alert: AlertRecord) => {
    records.write(alert);
    publisher?.push(alert);
  };

  const settle = () => (saver?.isDue() === true ? saveAfter(output, saver) : records.ready());
  const ending = AbortSignal.any([stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine((take) => readStdin(take, ending), { line, settle }, { ...tools, stop: ending });
      await records.end();
    } catch (error) {
      // What came before a line that --strict ends at is published all the same.
      await publisher?.finish(stop.signal);
      throw error;
    }
    // What the reader did not take is not told: the next run is to tell it. Of what it took the state is saved, published
    // or not: who must hear nothing twice reads the pipe, and the page only shows.
    const seconds = stop.signal.aborted ? HURRY_SECONDS : PATIENCE_SECONDS;
    const saved = output.gone.aborted ? undefined : saver?.finish(seconds);
    await allDone([saved, publisher?.finish(stop.signal)]);
    if (!options.scores) log.info(outcome(counts, watches.size), counts);
  });
}

/** Waits for all, and only then throws what the first that failed threw. */
async function allDone(works: readonly (Promise<void> | undefined)[]): Promise<void> {
  for (const end of await Promise.allSettled(works)) if (end.status === "rejected") throw end.reason;
}

/** The state is saved only once the alerts that led to it are with the reader. */
async function saveAfter(output: Output, saver: StateSaver): Promise<void> {
  await nextTurn();
  await output.flush();
  if (!output.gone.aborted) await saver.save();
}

function outcome({ alerts, muted }: Judging["counts"], streams: number): string {
  const told = `${alerts} alert record${alerts === 1 ? "" : "s"} from ${streams} stream${streams === 1 ? "" : "s"}`;
  return muted === 0 ? told : `${told}; ${muted} kept back by planned silences`;
}
