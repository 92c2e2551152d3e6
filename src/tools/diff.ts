import { type Context, defineTool, Option } from "../core/cli.ts";
import { openForAppending } from "../core/durable.ts";
import { fileError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { standardOutput, writeWhole } from "../core/output.ts";
import { printTextOf } from "../core/print.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { byStream } from "../core/streams.ts";
import { Tally } from "../core/tally.ts";
import { type PlacedEvent, placedGaps } from "../rate/placed-gaps.ts";
import { eventReader } from "../records/event-reader.ts";
import { gapFormatter, type PlacedGap } from "../records/gap.ts";
import { messagePaths, timeOption } from "../records/message-options.ts";
import type { Resumed } from "../records/resumed.ts";
import { runsIn } from "../records/runs.ts";
import type { TimePath } from "../records/time-path.ts";

interface Options {
  readonly lateness: number;
  readonly late?: string | undefined;
  readonly time?: TimePath | undefined;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** An event with its line, which is kept only where late ones are asked for. */
interface LinedEvent extends PlacedEvent {
  readonly line?: Buffer | undefined;
}

export const run = defineTool<Options>({
  name: "diff",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        new Option("--lateness <span>", "how far behind an event may be and still be put in its place")
          .argParser(parsePositiveSpan)
          .default(5, "5s"),
      )
      .option("--late <file>", "append the events that come later than that to FILE")
      .addOption(timeOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/ingest --replay rsvps.ndjson --speed max | bin/diff
  $ jq -c 'select(.response == "yes")' rsvps.ndjson | bin/diff --time mtime`,
      ),
  run: diff,
});

async function diff(options: Options, context: Context): Promise<void> {
  const output = standardOutput();
  const tally = new Tally("gaps");
  const lateLines = lateFile(options.late);
  let text = "";

  /** Where streams go on that began with an earlier run. */
  const runs = runsIn();
  const resumptions = new Map<string, Resumed>();
  const stages = byStream<LinedEvent, PlacedGap>(
    (stream) =>
      placedGaps<LinedEvent>({
        lateness: options.lateness * 1000,
        resumed: resumptions.get(stream),
        first: () => tally.add("first"),
        repeated: () => tally.add("repeats"),
        late({ line }) {
          tally.add("late");
          if (line !== undefined) lateLines?.(line);
        },
      }),
    (stream) => {
      const format = gapFormatter(stream);
      return (gap) => {
        tally.add("gaps");
        text += format(gap);
      };
    },
  );
  const reader = eventReader(
    { stream: options.stream, paths: messagePaths(options) },
    {
      event({ stream, t, at, cursor: placeOf, message, line }) {
        const kept = lateLines === undefined ? undefined : Buffer.from(line());
        const cursor = placeOf();
        const print = cursor === undefined ? undefined : printTextOf(message());
        stages.of(stream).push({ t, at, cursor, print, line: kept });
      },
      tick({ stream, at, resumed, ended, line }) {
        const begun = resumed();
        if (begun !== undefined) {
          runs.begin(stream, begun);
          resumptions.set(stream, begun);
        }
        if (ended()) resumptions.delete(stream);
        stages.of(stream).tick?.(at);
        tally.add("ticks");
        text += `${line().toString("utf8")}\n`;
      },
      ignored: () => tally.add("ignored"),
      ahead: () => tally.add("ahead"),
    },
  );
  const settle = () => {
    output.write(text);
    text = "";
    return output.ready();
  };
  const ending = AbortSignal.any([context.stop.signal, output.gone]);
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine(
        (take) => readStdin(take, ending),
        { line: reader.line, settle, isWhole: () => runs.any },
        { ...tools, stop: ending },
      );
    } finally {
      // What came before a line that --strict ends at is given all the same.
      reader.end();
      // What is held of a run that was killed comes again, with what is to stand between.
      stages.end((stream) => !resumptions.has(stream));
      settle();
    }
    await output.flush();
  });
}

/** Appends lines to a file, each at once. */
function lateFile(path: string | undefined): ((line: Buffer) => void) | undefined {
  if (path === undefined) return undefined;
  const descriptor = openForAppending(path);
  return (line) => {
    try {
      writeWhole(descriptor, Buffer.concat([line, Buffer.from("\n")]));
    } catch (error) {
      throw fileError(path, "write", error);
    }
  };
}
