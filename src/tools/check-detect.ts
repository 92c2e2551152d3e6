import { setImmediate as nextTurn } from "node:timers/promises";
import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { type Output, standardOutput } from "../core/output.ts";
import { parsePositiveSpan, parseSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { parseFalseAlarms } from "../detect/budget.ts";
import {
  buildDetectors,
  chosenDetectors,
  type DetectorName,
  describeDetectors,
  parseDetectorNames,
} from "../detect/detectors.ts";
import { isMuted } from "../detect/mutes.ts";
import { scoreRecord } from "../detect/scores.ts";
import {
  parseFactor,
  parseFieldWord,
  type ThresholdOptions,
  thresholdRules,
} from "../detect/threshold-rules.ts";
import { Watches } from "../detect/watches.ts";
import { decodeMeasurement } from "../records/measurement.ts";
import { redisOption } from "../store/connect.ts";
import { openMuteFile } from "../store/mute-file.ts";
import type { RedisAddress } from "../store/redis-address.ts";
import { openStateFile } from "../store/state-file.ts";
import { openStateRedis } from "../store/state-redis.ts";
import { type StateSaver, stateSaver } from "../store/state-saver.ts";
import type { StateStore } from "../store/state-store.ts";

interface Options extends ThresholdOptions {
  readonly detect?: readonly DetectorName[] | undefined;
  readonly falseAlarms: number;
  readonly lateness: number;
  readonly mute?: string | undefined;
  readonly state?: string | undefined;
  readonly redis: RedisAddress;
  readonly scores: boolean;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** How long a Redis that is away is waited for at the end, and how long after SIGTERM, s. */
const PATIENCE_SECONDS = 60;
const HURRY_SECONDS = 4;

const fieldOption = (flags: string, description: string) =>
  new Option(flags, description).argParser(parseFieldWord);

export const run = defineTool<Options>({
  name: "check-detect",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        fieldOption("--below <field=value>", "fire when a field is below this; again for more fields"),
      )
      .addOption(
        fieldOption("--above <field=value>", "fire when a field is above this; again for more fields"),
      )
      .addOption(fieldOption("--clear <field=value>", "over only when back at this (default: the threshold)"))
      .addOption(
        new Option("--for <span>", "it must have been so for this long")
          .argParser(parseSpan)
          .default(0, "0s"),
      )
      .option(
        "--initial <value>",
        "a threshold until 60 s and 100 events have passed (0s: none); then it follows the trend (alone: --below avg)",
      )
      .addOption(
        new Option(
          "--factor <x>",
          "the trend's threshold, times the running median (0.5; above: 2)",
        ).argParser(parseFactor),
      )
      .addOption(
        new Option("--clear-factor <x>", "over at this (0.1 above the factor; above: 1.667)").argParser(
          parseFactor,
        ),
      )
      .addOption(
        new Option("--detect <names>", "what to watch, joined by commas").argParser(parseDetectorNames),
      )
      .addOption(
        new Option("--false-alarms <n/unit>", "false alarms to live with, over all that is watched")
          .argParser(parseFalseAlarms)
          .default(1, "1/day"),
      )
      .addOption(
        new Option("--lateness <span>", "how late events may be, as diff has it")
          .argParser(parsePositiveSpan)
          .default(5, "5s"),
      )
      .option(
        "--mute <file>",
        "planned silences, one JSON object a line: from, to, and stream, alert, why as you like",
      )
      .addOption(
        new Option("--state <file>", "remember between runs, in FILE or in redis").argParser(parseState),
      )
      .addOption(redisOption())
      .option("--scores", "write score and threshold of each record, and no alerts", false)
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

Examples:
  $ bin/avg | bin/check-detect --below avg=20s --clear avg=25s --for 10s | bin/slack-push
  $ bin/stats | bin/check-detect --below share.CA=15% --clear share.CA=18%
  $ bin/avg --once --state avg.json | bin/check-detect --state detect.json`,
      ),
  run: checkDetect,
});

async function checkDetect(options: Options, context: Context): Promise<void> {
  const { log, stop } = context;
  const rules = thresholdRules(options);
  const names = chosenDetectors(options.detect, rules);
  const mutes = options.mute === undefined ? undefined : openMuteFile(options.mute, log);
  const counts = { alerts: 0, muted: 0 };
  const watches = new Watches({
    detectors: () =>
      buildDetectors(names, { rules, lateness: options.lateness, falseAlarms: options.falseAlarms }),
    isMuted: (stream, kind, t) => mutes !== undefined && isMuted(mutes.current(), stream, kind, t),
    muted: () => void counts.muted++,
  });
  const state = await openState(options, stop.signal);
  try {
    if (state !== undefined) await takeUp(state, watches, context);
    const saver =
      state === undefined
        ? undefined
        : stateSaver({
            store: state,
            clock: systemClock,
            log,
            text: () => JSON.stringify(watches.snapshot()),
          });
    await judge({ options, watches, watched: rules.map(({ field }) => field), saver, counts }, context);
  } finally {
    await state?.close();
  }
}

interface Judging {
  readonly options: Options;
  readonly watches: Watches;
  /** Fields that the rules read. */
  readonly watched: readonly string[];
  readonly saver: StateSaver | undefined;
  readonly counts: { alerts: number; readonly muted: number };
}

/** Reads all records and writes what they lead to. */
async function judge({ options, watches, watched, saver, counts }: Judging, context: Context): Promise<void> {
  const { log, stop } = context;
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("judged");

  function line(buffer: Buffer, start: number, end: number): string | undefined {
    const decoded = decodeMeasurement(buffer.toString("utf8", start, end), watched);
    if (decoded.outcome === "bad") return decoded.reason;
    tally.add(decoded.outcome === "ignored" ? "ignored" : "judged");
    if (decoded.outcome === "ignored") return undefined;
    const { measurement } = decoded;
    const stream = measurement.stream ?? options.stream;
    const { judgements, alerts } = watches.push(measurement, stream);
    if (options.scores) records.write(scoreRecord(measurement.t, stream, judgements));
    else for (const alert of alerts) records.write(alert);
    counts.alerts += alerts.length;
    return undefined;
  }

  const ending = AbortSignal.any([stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    const settle = () => (saver?.isDue() === true ? saveAfter(output, saver) : records.ready());
    await forEachLine((take) => readStdin(take, ending), { line, settle }, { ...tools, stop: ending });
    await records.end();
    // What the reader did not take is not told: the next run is to tell it.
    if (!output.gone.aborted) await saver?.finish(stop.signal.aborted ? HURRY_SECONDS : PATIENCE_SECONDS);
    if (!options.scores) log.info(outcome(counts, watches.size), counts);
  });
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

function parseState(text: string): string {
  if (text !== "") return text;
  throw new ToolError("usage", 'expected a file, or redis, got ""');
}

async function openState(options: Options, signal: AbortSignal): Promise<StateStore | undefined> {
  const { state, redis, stream } = options;
  if (state === undefined) return undefined;
  if (state !== "redis") return openStateFile(state);
  return openStateRedis({ address: redis, tool: "check-detect", stream, clock: systemClock, signal });
}

/** Goes on where the last run ended. */
async function takeUp(state: StateStore, watches: Watches, { log }: Context): Promise<void> {
  const text = await state.load();
  if (text === undefined) return;
  let forgotten: readonly string[];
  try {
    forgotten = watches.restore(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof ToolError || error instanceof SyntaxError)) throw error;
    throw new ToolError(
      "badInput",
      `${state.name}: ${error instanceof ToolError ? reasonOf(error) : "expected JSON, got something else"}; move it away to start anew`,
      { cause: error },
    );
  }
  if (forgotten.length > 0) {
    log.warning(`${state.name}: no longer watched, so its state is let go: ${forgotten.join(", ")}`);
  }
}
