import { setImmediate as nextTurn } from "node:timers/promises";
import { type Context, defineTool, Option } from "../core/cli.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
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
  type FieldWord,
  parseFactor,
  parseFieldWord,
  type ThresholdOptions,
  thresholdRules,
} from "../detect/threshold-rules.ts";
import { Watches } from "../detect/watches.ts";
import { decodeMeasurement } from "../records/measurement.ts";
import { openMuteFile } from "../store/mute-file.ts";
import { openStateFile } from "../store/state-file.ts";
import type { StateStore } from "../store/state-store.ts";

interface Options extends ThresholdOptions {
  readonly detect?: readonly DetectorName[] | undefined;
  readonly falseAlarms: number;
  readonly lateness: number;
  readonly mute?: string | undefined;
  readonly state?: string | undefined;
  readonly redis: string;
  readonly scores: boolean;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** State is saved at most so often while records come, ms. */
const SAVE_MS = 1000;

export const run = defineTool<Options>({
  name: "check-detect",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        new Option("--below <field=value>", "fire when a field is below a value; again for more fields").argParser(
          (text: string, previous: readonly FieldWord[] | undefined) => parseFieldWord(text, previous),
        ),
      )
      .addOption(
        new Option("--above <field=value>", "fire when a field is above a value; again for more fields").argParser(
          (text: string, previous: readonly FieldWord[] | undefined) => parseFieldWord(text, previous),
        ),
      )
      .addOption(
        new Option("--clear <field=value>", "over only when back at this (default: the threshold)").argParser(
          (text: string, previous: readonly FieldWord[] | undefined) => parseFieldWord(text, previous),
        ),
      )
      .addOption(
        new Option("--for <span>", "it must have been so for this long").argParser(parseSpan).default(0, "0s"),
      )
      .option(
        "--initial <value>",
        "a threshold until 60 s and 100 events have passed; then it follows the trend (alone: --below avg)",
      )
      .addOption(
        new Option("--factor <x>", "the trend's threshold, times the running median (0.5; above: 2)").argParser(
          parseFactor,
        ),
      )
      .addOption(
        new Option("--clear-factor <x>", "over at this (0.1 above the factor; above: 1.667)").argParser(parseFactor),
      )
      .addOption(new Option("--detect <names>", "what to watch, joined by commas").argParser(parseDetectorNames))
      .addOption(
        new Option("--false-alarms <n/unit>", "false alarms to live with, over all that is watched")
          .argParser(parseFalseAlarms)
          .default(1, "1/day"),
      )
      .addOption(
        new Option("--lateness <span>", "how late events may be, as diff has it").argParser(parsePositiveSpan).default(5, "5s"),
      )
      .option("--mute <file>", "planned silences, one JSON object a line: from, to, and stream, alert, why as you like")
      .option("--state <file>", "remember between runs, in FILE or in redis")
      .addOption(
        new Option("--redis <url>", "where --state redis is").env("REDIS_URL").default("redis://127.0.0.1:6379"),
      )
      .option("--scores", "write score and threshold of each record, and no alerts", false)
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Detectors:
${describeDetectors()}

Examples:
  $ avg | check-detect --below avg=20s --clear avg=25s --for 10s | slack-push
  $ avg --once --state avg.json | check-detect --state detect.json`,
      ),
  run: checkDetect,
});
