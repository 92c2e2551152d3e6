import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Faults } from "../core/faults.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readFileChunks, readStdin, type TakeChunk } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { parseNames } from "../core/lists.ts";
import { type Output, standardOutput } from "../core/output.ts";
import { formatNumber, formatSpan, parsePositiveSpan } from "../core/spans.ts";
import { statusLine } from "../core/status-line.ts";
import { formatCount, Tally } from "../core/tally.ts";
import type { MessagePaths, Where } from "../records/message.ts";
import { parseTimePath, type TimePath } from "../records/time-path.ts";
import { CATALOGUE, PROTOCOLS, parseSource, type Source } from "../sources/catalogue.ts";
import { type EventLines, eventLines } from "../sources/events.ts";
import { followLive, type LiveState } from "../sources/live.ts";
import { replay } from "../sources/replay.ts";

const NAMES = CATALOGUE.map(({ name }) => name);
/** The protocols that are spoken so far. */
const SPOKEN = PROTOCOLS.filter((protocol) => protocol === "ndjson");

export const run = defineTool({
  name: "ingest",
  role: "source",
  declare: (base) =>
    base
      .addOption(
        new Option("--source <name>", `a stream of the catalogue: ${NAMES.join(", ")}`)
          .argParser(parseSource)
          .default(CATALOGUE[0], CATALOGUE[0].name),
      )
      .option(
        "--url <address>",
        "read from here, with the source's paths unless --time, --key, --id say others",
      )
      .addOption(new Option("--protocol <name>", "what --url speaks").choices(SPOKEN).default("ndjson"))
      .option("--replay <file>", "read a recording instead; - is standard input")
      .addOption(
        new Option("--speed <factor>", "of a replay: 1 as it happened, 60 a minute a second, max at once")
          .argParser(parseSpeed)
          .default(1, "1"),
      )
      .option("--shift-to-now", "of a replay: move the times so that the first event happens now", false)
      .addOption(
        new Option("--time <path[:unit]>", "where messages have their time").argParser(parseTimePath),
      )
      .option("--key <path>", "where messages have their category")
      .option("--id <path>", "where messages have their id")
      .addOption(
        new Option("--where <path=value>", "keep only messages with this value; again for more")
          .argParser(parseWhere)
          .default([] as readonly Where[], "all"),
      )
      .addOption(
        new Option("--keys <list>", "keep only these categories, such as CA,NY").argParser(parseNames),
      )
      .addOption(
        new Option("--redact <paths>", "replace the values at these paths by null")
          .argParser(parseNames)
          .default([] as readonly string[], "none"),
      )
      .option("--raw", "give the messages only: no times, no ticks", false)
      .option("--stream <name>", "what to call the stream (default: the source's name; replay for a replay)")
      .addOption(
        new Option("--ahead <span>", "refuse messages dated further ahead of this machine's clock")
          .argParser(parsePositiveSpan)
          .default(60, "60s"),
      )
      .addOption(
        new Option("--stall <span>", "connect anew when nothing comes for this long")
          .argParser(parsePositiveSpan)
          .default(60, "60s"),
      )
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/ingest --url http://127.0.0.1:8181/2/rsvps | bin/diff | bin/avg --stdin
  $ bin/ingest --replay rsvps.ndjson --speed max --where response=yes | bin/diff`,
      ),
  run: ingest,
});

type Options = Parameters<typeof ingest>[0];

async function ingest(
  options: {
    source: Source;
    url?: string | undefined;
    replay?: string | undefined;
    speed: number;
    shiftToNow: boolean;
    time?: TimePath | undefined;
    key?: string | undefined;
    id?: string | undefined;
    where: readonly Where[];
    keys?: readonly string[] | undefined;
    redact: readonly string[];
    raw: boolean;
    stream?: string | undefined;
    ahead: number;
    stall: number;
    strict: boolean;
    rejects?: string | undefined;
  },
  context: Context,
): Promise<void> {
  if (options.replay !== undefined && options.url !== undefined) {
    throw new ToolError("usage", "--replay and --url: expected one of them, got both");
  }
  const source = sourceOf(options);
  const stream = options.stream ?? (options.replay === undefined ? source.name : "replay");
  const tally = new Tally("events");
  const output = standardOutput();
  const { where, keys, redact, raw } = options;
  const lines = eventLines(
    { stream, paths: source.paths, filter: { where, keys }, redact, raw },
    { tally, write: output.write },
  );
  await withFaults(context, options, tally, async ({ faults }) => {
    if (options.replay === undefined)
      await live(options, { context, source, stream, lines, output, tally, faults });
    else await replayFile(options, { context, lines, output, tally, faults });
    await output.flush();
  });
}

interface Parts {
  readonly context: Context;
  readonly lines: EventLines;
  readonly output: Output;
  readonly tally: Tally;
  readonly faults: Faults;
}

async function replayFile(options: Options, { context, lines, output, tally, faults }: Parts): Promise<void> {
  const stop = AbortSignal.any([context.stop.signal, output.gone]);
  const { speed, shiftToNow } = options;
  const loop = replay(lines, output, { options: { speed, shiftToNow, clock: systemClock, stop }, tally });
  const path = options.replay!;
  const read = (take: TakeChunk) => (path === "-" ? readStdin(take, stop) : readFileChunks(path, take, stop));
  const close = statusLine(context, () => `${formatCount(tally.count("events"))} events replayed`);
  try {
    await forEachLine(read, loop, { tally, faults, stop });
    await loop.end();
  } finally {
    close();
  }
}

async function live(
  options: Options,
  { context, lines, output, tally, faults, source, stream }: Parts & { source: Source; stream: string },
): Promise<void> {
  const stop = AbortSignal.any([context.stop.signal, output.gone]);
  const state: LiveState = { connectedSince: undefined, lastEvent: undefined };
  const close = statusLine(context, liveStatus(stream, tally, state));
  const { ahead, stall, raw } = options;
  try {
    await followLive(
      { source, stream, ahead, stall, raw, clock: systemClock, random: Math.random, stop },
      { lines, output, tally, faults, log: context.log },
      state,
    );
  } finally {
    close();
  }
}

/** `meetup-rsvps: connected for 3 min, 10.2 events/s, 1,234 events, 3 bad`. */
function liveStatus(stream: string, tally: Tally, state: LiveState): () => string {
  let before = { events: 0, time: systemClock.elapsed() };
  return () => {
    const events = tally.count("events");
    const time = systemClock.elapsed();
    const rate = ((events - before.events) * 1000) / Math.max(1, time - before.time);
    before = { events, time };
    const since = state.connectedSince;
    const link =
      since === undefined
        ? "not connected"
        : `connected for ${formatSpan(Math.round((systemClock.now() - since) / 1000))}`;
    const bad = tally.count("bad");
    return `${stream}: ${link}, ${formatNumber(rate)} events/s, ${formatCount(events)} events${bad > 0 ? `, ${formatCount(bad)} bad` : ""}`;
  };
}

/** The catalogue's source with what the command line says otherwise. */
function sourceOf({ source, url, time, key, id }: Options): Source {
  if (url !== undefined && !(/^https?:\/\//.test(url) && URL.canParse(url))) {
    // The address is not repeated: a secret may be in it.
    throw new ToolError(
      "usage",
      "--url: expected an address such as http://127.0.0.1:8181/2/rsvps, got another",
    );
  }
  const own: Partial<MessagePaths> = {
    ...(time && { time }),
    ...(key && { key, upperCaseKey: false }),
    ...(id && { id }),
  };
  // A stream with times of its own is not asked for what was missed in Meetup's way.
  const resume = time === undefined ? source.resume : "none";
  // Paths of the catalogue say nothing about a stream whose time stands elsewhere.
  const paths = time === undefined ? { ...source.paths, ...own } : { time, ...own };
  return { ...source, paths, resume, ...(url !== undefined && { url }) };
}

function parseSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new ToolError("usage", `expected a factor such as 1 or 60, or max, got ${JSON.stringify(text)}`);
}

function parseWhere(text: string, before: readonly Where[]): readonly Where[] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new ToolError("usage", `expected PATH=VALUE, got ${JSON.stringify(text)}`);
  return [...before, { path: text.slice(0, equals), value: text.slice(equals + 1) }];
}
