import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption } from "../core/filter-options.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { microsOf } from "../rate/gap-window.ts";
import { gapReader } from "../records/gap-reader.ts";
import { runsIn } from "../records/runs.ts";
import { BatchWriter } from "../store/batch-writer.ts";
import { redisOption } from "../store/connect.ts";
import { GapBatches } from "../store/gap-batches.ts";
import type { Unnumbered } from "../store/gatherer.ts";
import type { GapBatch } from "../store/store.ts";
import {
  giveUpOption,
  passOption,
  type Recorder,
  type Recording,
  type StoreLinesOptions,
  storeLines,
} from "../store/store-lines.ts";

interface Options extends StoreLinesOptions {
  readonly ttl: number;
  readonly stream: string;
}

/** Longest window, s: a reading looks at each of its seconds. */
const TTL_MAX = 86_400;

export const run = defineTool<Options>({
  name: "redis-insert",
  role: "filter",
  declare: (base) =>
    base
      .addOption(
        new Option("--ttl <span>", "how long a gap counts, in stream time; at most 24h")
          .argParser(parseTtl)
          .default(120, "120s"),
      )
      .addOption(passOption())
      .addOption(giveUpOption())
      .addOption(redisOption())
      .addOption(streamOption("stdin"))
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/ingest | bin/diff | bin/redis-insert
  $ bin/ingest --replay rsvps.ndjson --speed max | bin/diff | bin/redis-insert --ttl 30m && bin/avg --once`,
      ),
  run: redisInsert,
});

function parseTtl(text: string): number {
  const seconds = parsePositiveSpan(text);
  if (seconds <= TTL_MAX) return seconds;
  throw new ToolError("usage", `expected a span of at most 24h, got ${JSON.stringify(text)}`);
}

function redisInsert(options: Options, context: Context): Promise<void> {
  const tally = new Tally("stored");
  return storeLines(options, { context, tally }, (recording) =>
    gapRecorder(options, recording, { context, tally }),
  );
}

/** Gives gaps and ticks to a writer. */
function gapRecorder(
  { ttl, stream }: Options,
  { store, pass, stored, release }: Recording,
  { context, tally }: { context: Context; tally: Tally },
): Recorder {
  const { head, read } = gapReader(stream);
  const runs = runsIn();
  const writer = new BatchWriter<Unnumbered<GapBatch>, GapBatches>({
    noun: "gaps",
    gather: (name) => new GapBatches(name, ttl),
    commit: (batch, number) => store.commit({ ...batch, ...number }),
    clock: systemClock,
    log: context.log,
    stored,
    release,
  });
  return {
    writer,
    line(buffer, start, end) {
      const outcome = read(buffer, start, end);
      if (outcome === "ignored") return void tally.add("ignored");
      if (outcome !== "ok") return outcome;
      const batches = writer.of(head.stream);
      if (head.kind === "tick") {
        if (head.resumed !== undefined) {
          runs.begin(head.stream, head.resumed);
          batches.begin(head.resumed.run);
        }
        batches.tick(head.at, head.connected);
      } else {
        batches.gap(head.t, head.at, microsOf(head.diff));
        if (head.place !== undefined || head.prints !== "") batches.place(head.t, head.place, head.prints);
      }
      pass?.(buffer.subarray(start, end));
      return undefined;
    },
  };
}
