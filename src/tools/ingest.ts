import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import type { Faults } from "../core/faults.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readFileChunks, readStdin, type TakeChunk } from "../core/input.ts";
import { parseInstant } from "../core/instant.ts";
import { forEachLine } from "../core/line-loop.ts";
import { parseNames } from "../core/lists.ts";
import { type Output, standardOutput } from "../core/output.ts";
import { statusLine } from "../core/status-line.ts";
import { formatCount, Tally } from "../core/tally.ts";
import type { Where } from "../records/message.ts";
import { parseTimePath } from "../records/time-path.ts";
import { isArchive, readArchiveAt } from "../sinks/objects/archive-at.ts";
import { shownAddress } from "../sources/address.ts";
import { CATALOGUE, PROTOCOLS, parseSource, type Resume, type Source } from "../sources/catalogue.ts";
import { chosenSource } from "../sources/chosen-source.ts";
import { type EventLines, eventLines } from "../sources/events.ts";
import { checkTogether, type IngestOptions, parseSpeed, parseWhere } from "../sources/ingest-options.ts";
import { followLive, type RunBegin } from "../sources/live.ts";
import { aheadOption, stallOption } from "../sources/live-options.ts";
import { liveStatus } from "../sources/live-status.ts";
import { originGate } from "../sources/origin-gate.ts";
import { replay } from "../sources/replay.ts";
import { goOnAt } from "../sources/resuming.ts";
import { parseContact } from "../sources/user-agent.ts";
import { redisOption } from "../store/connect.ts";
import type { RedisAddress } from "../store/redis-address.ts";
import { openRun, type Run } from "../store/run.ts";
import { superseded } from "../store/store.ts";

const NAMES = CATALOGUE.map(({ name }) => name);
/** How often a log record tells what is going on, where no status line does, ms. */
const STATUS_MS = 60_000;

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
      .addOption(
        new Option(
          "--protocol <name>",
          "what --url speaks: lines over HTTP, Server-Sent Events, WebSocket (default: the source's; ws for ws:// and wss://)",
        ).choices(PROTOCOLS),
      )
      .addOption(
        new Option(
          "--contact <address>",
          "whom a source may turn to about this program; Wikimedia's asks for it",
        ).argParser(parseContact),
      )
      .option(
        "--replay <file>",
        "read a recording instead, or an archive: its folder, or gs://BUCKET; - is standard input",
      )
      .addOption(
        new Option("--from <time>", "of an archive: what happened then or later").argParser(parseInstant),
      )
      .addOption(new Option("--until <time>", "of an archive: what happened before").argParser(parseInstant))
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
      .addOption(aheadOption())
      .addOption(stallOption())
      .option(
        "--resume",
        "go on where the branches of earlier runs had got to, as Redis knows it; only one run of a stream lives",
        false,
      )
      .addOption(redisOption())
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
Examples:
  $ bin/ingest --url http://127.0.0.1:8181/2/rsvps | bin/diff | bin/avg --stdin
  $ bin/ingest --source wikimedia-recentchange --contact ops@example.org | bin/api --stdin
  $ bin/ingest --source bluesky-jetstream --where kind=commit | bin/stats --stdin
  $ bin/ingest --url https://example.org/events --protocol sse --time created:iso --key country
  $ bin/ingest --replay rsvps.ndjson --speed max --where response=yes | bin/diff
  $ bin/ingest --replay ./archive/meetup-rsvps --from 2026-01-01T00:00:00Z --speed 60 | bin/api --stdin`,
      ),
  run: ingest,
});

interface Options extends IngestOptions {
  readonly redis: RedisAddress;
}

async function ingest(options: Options, context: Context): Promise<void> {
  checkTogether(options, isArchive(options.replay ?? "-"));
  const source = chosenSource(options);
  const stream = options.stream ?? (options.replay === undefined ? source.name : "replay");
  const tally = new Tally("events");
  const around = { clock: systemClock, log: context.log, signal: context.stop.signal };
  // A replay always begins at its beginning.
  const run =
    options.resume && options.replay === undefined
      ? await openRun({ address: options.redis, stream, ...around })
      : undefined;
  const output = outputOf(run, source.resume);
  const { where, keys, redact, raw } = options;
  const lines = eventLines(
    { stream, paths: source.paths, filter: { where, keys, drop: source.drop ?? [] }, redact, raw },
    { tally, write: output.write },
  );
  const work = async ({ faults }: { faults: Faults }) => {
    if (options.replay === undefined)
      await live(options, { context, source, stream, lines, output, tally, faults, run });
    else await replayFile(options, { context, lines, output, tally, faults, source });
    await output.flush();
  };
  await withFaults(context, options, tally, work).finally(() => run?.end());
}

/** Where there is nothing to go on from yet, the first place is kept before anything is handed on. */
function outputOf(run: Run | undefined, resume: Resume): Output {
  const output = standardOutput();
  const isPlaced = run === undefined || run.start.place !== undefined || resume === "none";
  return isPlaced ? output : originGate(output, run.keepOrigin);
}

function beginOf({ start }: Run, resume: Resume): RunBegin {
  const goOn = goOnAt(start, resume);
  return { run: start.run, gaps: start.edge, goOn, first: goOn && start.origin };
}

interface Parts {
  readonly context: Context;
  readonly lines: EventLines;
  readonly output: Output;
  readonly tally: Tally;
  readonly faults: Faults;
}

async function replayFile(
  options: Options,
  { context, lines, output, tally, faults, source }: Parts & { source: Source },
): Promise<void> {
  const stop = AbortSignal.any([context.stop.signal, output.gone]);
  const { speed, shiftToNow } = options;
  const loop = replay(lines, output, { options: { speed, shiftToNow, clock: systemClock, stop }, tally });
  const path = options.replay!;
  const read = (take: TakeChunk): Promise<void> => {
    if (isArchive(path))
      return readArchiveAt(path, { ...options, paths: source.paths, log: context.log, stop }, take);
    return path === "-" ? readStdin(take, stop) : readFileChunks(path, take, stop);
  };
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
  parts: Parts & {
    readonly source: Source;
    readonly stream: string;
    readonly run: Run | undefined;
  },
): Promise<void> {
  const { context, lines, output, tally, faults, source, stream, run } = parts;
  const ends = [context.stop.signal, output.gone, ...(run === undefined ? [] : [run.superseded])];
  const stop = AbortSignal.any(ends);
  const { ahead, stall, raw, contact } = options;
  const { log } = context;
  if (source.asksContact === true && contact === undefined) {
    log.notice(`${stream}: this source asks for a contact: --contact, or RSVPULSE_CONTACT`, { stream });
  }
  const status = liveStatus({ stream, url: shownAddress(source.url), tally, clock: systemClock });
  const close = statusLine(context, status.text);
  const report = () => void (context.interactive || log.info(status.text(), status.facts()));
  const timer = setInterval(report, STATUS_MS);
  try {
    await followLive(
      {
        ...{ source, stream, ahead, stall, raw, contact, stop },
        begin: run && beginOf(run, source.resume),
        clock: systemClock,
        random: Math.random,
      },
      { lines, output, tally, faults, log, status },
    );
  } finally {
    clearInterval(timer);
    close();
  }
  if (run?.superseded.aborted === true) throw superseded(stream);
}
