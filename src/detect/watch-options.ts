import { type BaseCommand, Option } from "../core/cli.ts";
import { parsePositiveSpan, parseSpan } from "../core/spans.ts";
import { parseFalseAlarms } from "./budget.ts";
import type { Words } from "./change-words.ts";
import type { Detector } from "./detector.ts";
import { buildDetectors, chosenDetectors, type DetectorName, parseDetectorNames } from "./detectors.ts";
import { parseFactor, parseFieldWord, type ThresholdOptions, thresholdRules } from "./threshold-rules.ts";

/** The options that say what is watched, and how. */
export interface WatchOptions extends ThresholdOptions {
  readonly detect?: readonly DetectorName[] | undefined;
  /** A day. */
  readonly falseAlarms: number;
  /** s */
  readonly lateness: number;
}

const fieldOption = (flags: string, description: string) =>
  new Option(flags, description).argParser(parseFieldWord);

/** Adds the options that say what is watched, in the order of the help. */
export const withWatchOptions = (base: BaseCommand) =>
  base
    .addOption(
      new Option("--detect <names>", "what to watch, joined by commas").argParser(parseDetectorNames),
    )
    .addOption(
      new Option("--false-alarms <n/unit>", "false alarms to live with, over all that is watched of a stream")
        .argParser(parseFalseAlarms)
        .default(1, "1/day"),
    )
    .addOption(fieldOption("--below <field=value>", "fire when a field is below this; again for more fields"))
    .addOption(fieldOption("--above <field=value>", "fire when a field is above this; again for more fields"))
    .addOption(fieldOption("--clear <field=value>", "over only when back at this (default: the threshold)"))
    .addOption(
      new Option("--for <span>", "it must have been so for this long").argParser(parseSpan).default(0, "0s"),
    )
    .option(
      "--initial <value>",
      "a threshold until 60 s and 100 events have passed (0s: none); then it follows the trend (alone: --below avg)",
    )
    .addOption(
      new Option("--factor <x>", "the trend's threshold, times the running median (0.5; above: 2)").argParser(
        parseFactor,
      ),
    )
    .addOption(
      new Option("--clear-factor <x>", "over at this (0.1 above the factor; above: 1.667)").argParser(
        parseFactor,
      ),
    )
    .addOption(
      new Option("--lateness <span>", "how late events may be, as diff has it")
        .argParser(parsePositiveSpan)
        .default(5, "5s"),
    );

/** What is watched. */
export interface Watching {
  readonly names: readonly DetectorName[];
  /** Paths of the fields that rules read. */
  readonly watched: readonly string[];
  /** Fresh detectors for a stream. @param falseAlarms a day; left out: as the options say. */
  detectors(words: Words, falseAlarms?: number): readonly Detector[];
}

/** What the options say is to be watched. @throws ToolError (usage) for options that contradict each other. */
export function watchingOf(options: WatchOptions): Watching {
  const rules = thresholdRules(options);
  const names = chosenDetectors(options.detect, rules);
  const { lateness } = options;
  return {
    names,
    watched: rules.map(({ field }) => field),
    detectors: (words, falseAlarms = options.falseAlarms) =>
      buildDetectors(names, { rules, lateness, falseAlarms, words }),
  };
}
