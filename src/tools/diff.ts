import { type Context, defineTool, Option } from "../core/cli.ts";
import { openForAppending } from "../core/durable.ts";
import { fileError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { leapGuard } from "../core/leap-guard.ts";
import { forEachLine } from "../core/line-loop.ts";
import { standardOutput, writeWhole } from "../core/output.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { compose } from "../core/stage.ts";
import { byStream } from "../core/streams.ts";
import { Tally } from "../core/tally.ts";
import { type Gap, interarrivals } from "../rate/interarrivals.ts";
import { reorder, type TimedEvent } from "../rate/reorder.ts";
import { arrivals } from "../records/arrival.ts";
import { gapFormatter } from "../records/gap.ts";
import { headReader } from "../records/head.ts";
import { messageReader } from "../records/message.ts";
import { parseTimePath, type TimePath } from "../records/time-path.ts";

interface Options {
  readonly lateness: number;
  readonly late?: string | undefined;
  readonly time?: TimePath | undefined;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** An event with its line, which is kept only where late ones are asked for. */
interface LinedEvent extends TimedEvent {
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
      .addOption(
        new Option(
          "--time <path[:unit]>",
          "read raw messages whose time is at PATH, in ms, s, us or iso",
        ).argParser(parseTimePath),
      )
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

  const stages = byStream<LinedEvent, Gap>(
    () =>
      compose(
        reorder<LinedEvent>({
          lateness: options.lateness * 1000,
          late({ line }) {
            tally.add("late");
            if (line !== undefined) lateLines?.(line);
          },
        }),
        interarrivals(() => tally.add("first")),
      ),
    (stream) => {
      const format = gapFormatter(stream);
      return (gap) => {
        tally.add("gaps");
        text += format(gap);
      };
    },
  );
  const copied = (buffer: Buffer, start: number, end: number) =>
    lateLines === undefined ? undefined : Buffer.from(buffer.subarray(start, end));

  /** Events and ticks as ingest gives them; other records are ignored. */
  function recordLines() {
    const { head, read } = headReader(["event", "tick"]);
    const arrivalOf = arrivals();
    return (buffer: Buffer, start: number, end: number) => {
      const outcome = read(buffer, start, end);
      if (outcome === "ignored") return void tally.add("ignored");
      if (outcome !== "ok") return outcome;
      const stream = head.stream ?? options.stream;
      const stage = stages.of(stream);
      if (head.kind === "tick") {
        stage.tick?.(head.at ?? head.t);
        tally.add("ticks");
        text += `${buffer.toString("utf8", start, end)}\n`;
        return undefined;
      }
      const at = arrivalOf(stream, head.t, head.at);
      stage.push({ t: head.t, at, line: copied(buffer, start, end) });
      return undefined;
    };
  }

  /** Raw messages; their arrival is the running maximum of their times. */
  function messageLines(time: TimePath) {
    const { head, read } = messageReader({ time });
    const stage = stages.of(options.stream);
    let line: Buffer | undefined;
    const guard = leapGuard<Buffer | undefined>({
      hold: () => line,
      give: (held, t) => stage.push({ t, at: t, line: held }),
      refuse: () => tally.add("ahead"),
    });
    return {
      end: guard.end,
      line(buffer: Buffer, start: number, end: number) {
        const outcome = read(buffer, start, end);
        if (outcome !== "ok") return outcome;
        line = copied(buffer, start, end);
        const at = guard.offer(head.t);
        if (at !== undefined) stage.push({ t: head.t, at, line });
        return undefined;
      },
    };
  }

  const messages = options.time === undefined ? undefined : messageLines(options.time);
  const settle = () => {
    output.write(text);
    text = "";
    return output.ready();
  };
  const ending = AbortSignal.any([context.stop.signal, output.gone]);
  const line = messages?.line ?? recordLines();
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine((take) => readStdin(take, ending), { line, settle }, { ...tools, stop: ending });
    } finally {
      // What came before a line that --strict ends at is given all the same.
      messages?.end();
      stages.end();
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
