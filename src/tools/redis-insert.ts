import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, streamOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { standardOutput } from "../core/output.ts";
import { formatSpan, parsePositiveSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { microsOf } from "../rate/gap-window.ts";
import { gapReader } from "../records/gap-reader.ts";
import { openStore, redisOption } from "../store/connect.ts";
import { GapWriter } from "../store/gap-writer.ts";
import type { RedisAddress } from "../store/redis-address.ts";

interface Options {
  readonly redis: RedisAddress;
  readonly ttl: number;
  readonly pass: boolean;
  readonly giveUp: number;
  readonly stream: string;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** Longest window, s: a reading looks at each of its seconds. */
const TTL_MAX = 86_400;
/** How long a store that is away is waited for after SIGTERM, s: the process has five to end in. */
const HURRY_SECONDS = 4;

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
      .option("--pass", "hand records on, once they are stored", false)
      .addOption(
        new Option("--give-up <span>", "wait this long at the end for a Redis that is away")
          .argParser(parsePositiveSpan)
          .default(60, "60s"),
      )
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

async function redisInsert(options: Options, context: Context): Promise<void> {
  const { log, stop } = context;
  const store = await openStore(options.redis, { clock: systemClock, log, signal: stop.signal });
  const output = standardOutput();
  const tally = new Tally("stored");
  const writer = new GapWriter({
    store,
    ttl: options.ttl,
    clock: systemClock,
    log,
    stored({ gaps, ticks }, lines) {
      tally.add("stored", gaps);
      tally.add("ticks", ticks);
      for (const text of lines) output.write(text);
      return output.ready();
    },
  });
  const ending = AbortSignal.any([stop.signal, output.gone, writer.failed]);
  try {
    await withFaults(context, options, tally, async (tools) => {
      try {
        await forEachLine((take) => readStdin(take, ending), records(options, writer, tally), {
          ...tools,
          stop: ending,
        });
        await finish(writer, stop.signal.aborted ? HURRY_SECONDS : options.giveUp, stop.signal);
        await output.flush();
      } finally {
        if (writer.unstored > 0) tally.add("not stored", writer.unstored);
      }
    });
  } finally {
    await store.close();
  }
}

/** Gives gaps and ticks to the writer, and sends them after each chunk of the input. */
function records(options: Options, writer: GapWriter, tally: Tally) {
  const { head, read } = gapReader(options.stream);
  let passed: Buffer[] = [];
  return {
    line(buffer: Buffer, start: number, end: number) {
      const outcome = read(buffer, start, end);
      if (outcome === "ignored") return void tally.add("ignored");
      if (outcome !== "ok") return outcome;
      if (head.kind === "tick") writer.tick(head.stream, head.at, head.connected);
      else writer.gap(head.stream, head.t, head.at, microsOf(head.diff));
      if (options.pass) passed.push(Buffer.from(buffer.subarray(start, end)), NEWLINE);
      return undefined;
    },
    settle() {
      writer.keep(Buffer.concat(passed));
      passed = [];
      writer.send();
      return writer.room();
    },
  };
}

const NEWLINE = Buffer.from("\n");

/** Stores the rest. After SIGTERM the wait is short, also when it comes in the middle. @throws ToolError (unavailable). */
async function finish(writer: GapWriter, giveUp: number, stop: AbortSignal): Promise<void> {
  const hurry = () => void writer.drain(HURRY_SECONDS);
  stop.addEventListener("abort", hurry, { once: true });
  try {
    const unstored = await writer.drain(giveUp);
    if (unstored === 0) return;
    throw new ToolError(
      "unavailable",
      `Redis stayed away for ${formatSpan(giveUp)} after the end: ${unstored} records were not stored`,
      { facts: { notStored: unstored } },
    );
  } finally {
    stop.removeEventListener("abort", hurry);
  }
}
