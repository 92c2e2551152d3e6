import { type Context, defineTool, Option } from "../core/cli.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { byStream } from "../core/streams.ts";
import { Tally } from "../core/tally.ts";
import { type RateInput, rates } from "../rate/rates.ts";
import { gapReader } from "../records/gap-reader.ts";
import type { RateRecord } from "../records/rate.ts";
import { redisOption } from "../store/connect.ts";
import {
  checkFollowing,
  everyOption,
  type FollowOptions,
  followStore,
  stateOption,
} from "../store/follow.ts";
import { rateView } from "../store/rate-view.ts";
import { inputStream, streamsOption } from "../store/streams-option.ts";

interface Options extends FollowOptions {
  readonly stdin: boolean;
  readonly window?: number | undefined;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** Length of the window with --stdin, s. */
const WINDOW_SECONDS = 120;

export const run = defineTool<Options>({
  name: "avg",
  role: ({ stdin }) => (stdin ? "filter" : "source"),
  declare: (base) =>
    base
      .addOption(everyOption())
      .option("--once", "look once and end, for cron", false)
      .addOption(stateOption())
      .option("--stdin", "work on gaps from standard input, in memory, without Redis", false)
      .addOption(
        new Option(
          "--window <span>",
          "with --stdin: length of the window (default: 120s; in Redis, redis-insert --ttl decides)",
        ).argParser(parsePositiveSpan),
      )
      .addOption(streamsOption())
      .addOption(redisOption())
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/avg | bin/check-detect --below avg=20s
  $ bin/avg --stream rsvps --stream photos | bin/check-detect --above rate=5
  $ bin/avg --once --state avg.json | bin/check-detect --state detect.json
  $ bin/ingest | bin/diff | bin/avg --stdin --window 5m`,
      ),
  run: avg,
});

async function avg(options: Options, context: Context): Promise<void> {
  checkFollowing(options);
  if (options.stdin) return followGaps(options, context);
  if (options.window !== undefined) {
    throw new ToolError(
      "usage",
      "--window goes with --stdin; in Redis the window is as long as redis-insert --ttl says",
    );
  }
  return followStore(options, rateView, context);
}

/** Works on gaps as they come, without a store. */
async function followGaps(options: Options, context: Context): Promise<void> {
  const output = standardOutput();
  const records = recordOutput(output);
  const tally = new Tally("gaps");
  const { head, read } = gapReader(inputStream(options.stream));
  const window = options.window ?? WINDOW_SECONDS;
  const stages = byStream<RateInput, RateRecord>(
    (stream) => rates({ stream, window }),
    () => records.write,
  );
  const ending = AbortSignal.any([context.stop.signal, output.gone]);

  function line(buffer: Buffer, start: number, end: number): string | undefined {
    const outcome = read(buffer, start, end);
    if (outcome === "ignored") return void tally.add("ignored");
    if (outcome !== "ok") return outcome;
    tally.add(head.kind === "tick" ? "ticks" : "gaps");
    stages.of(head.stream).push(head);
    return undefined;
  }
  await withFaults(context, options, tally, async (tools) => {
    await forEachLine(
      (take) => readStdin(take, ending),
      { line, settle: records.ready },
      { ...tools, stop: ending },
    );
    stages.end();
    await records.end();
  });
}
