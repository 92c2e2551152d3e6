import { type Context, defineTool, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { parseInstant } from "../core/instant.ts";
import { parsePort } from "../core/listen.ts";
import { standardOutput } from "../core/output.ts";
import { portFile } from "../core/port-file.ts";
import { aborted } from "../core/signals.ts";
import { formatNumber, formatSpan, parsePositiveSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { type Broadcaster, broadcaster, type Connections } from "../simulate/broadcaster.ts";
import { DISORDERS, type Disorder } from "../simulate/disorder.ts";
import { printLines } from "../simulate/print.ts";
import { serve } from "../simulate/server.ts";
import type { Story } from "../simulate/story.ts";
import { readStory } from "../simulate/story-sources.ts";
import { STREAM_NAMES, type StreamName, type World, world } from "../simulate/world.ts";

/** How often what is due is sent, ms. */
const TURN_MS = 25;
const RATE_MAX = 1_000_000;

interface Options {
  readonly port: number;
  readonly host: string;
  readonly portFile?: string | undefined;
  readonly rate: number;
  readonly seed: string;
  readonly start?: number | undefined;
  readonly disorder: string;
  readonly story: Story;
  readonly for?: number | undefined;
  readonly print?: number | undefined;
  readonly stream: string;
}

export const run = defineTool<Options>({
  name: "simulate",
  role: "source",
  declare: (base) =>
    base
      .addOption(
        new Option("--port <port>", "listen at this port; 0: the system chooses")
          .argParser(parsePort)
          .default(8181),
      )
      .option("--host <address>", "listen at this address of the machine", "127.0.0.1")
      .option("--port-file <file>", "write the port to FILE once it listens; removed at the end")
      .addOption(
        new Option("--rate <number>", "RSVPs per second; the other streams run at fixed fractions of it")
          .argParser(parseRate)
          .default(10),
      )
      .option("--seed <text>", "the same seed gives the same messages", "1")
      .addOption(
        new Option(
          "--start <time>",
          "the time at which the stream begins, ISO 8601 (default: now)",
        ).argParser(parseInstant),
      )
      .addOption(
        new Option("--disorder <kind>", "measured: 15 % of neighbours inverted, 7 % more than 5 s late; none")
          .choices(DISORDERS)
          .default("measured"),
      )
      .addOption(
        new Option("--story <story>", "what goes wrong, and when (see below); demo, or a file")
          .argParser(readStory)
          .default([] as Story, "none"),
      )
      .addOption(new Option("--for <span>", "end after SPAN").argParser(parsePositiveSpan))
      .addOption(
        new Option(
          "--print <span>",
          "serve nothing: write what is sent within SPAN of the stream's time, at once",
        ).argParser(parsePositiveSpan),
      )
      .addOption(
        new Option("--stream <name>", "with --print: which stream").choices(STREAM_NAMES).default("rsvps"),
      )
      .addHelpText("after", HELP),
  run: simulate,
});

const HELP = `
What is served is listed at /. Each stream can be had as lines and by WebSocket (/2/rsvps), and as Server-Sent Events
(/v2/stream/rsvps); RSVPs also as Wikimedia's changes (/v2/stream/recentchange) and as Bluesky's commits, by WebSocket
(/subscribe?cursor=).

Stories are items AT:WHAT[=VALUE][:FOR], parted by commas (in a file: or one a line, # begins a comment). AT is a span
from the start; every=SPAN in its place repeats. Without FOR it lasts to the end.
  30s:surge=4:60s     four times the rate for a minute        3m:silence:45s   no events, the connection lives
  4m:swap=CA/VT:5m    two states exchange their shares        5m:stall:20s     nothing is sent, then all at once
  7m:share=TX/5:5m    five times as much from one state       every=5s:cut     all connections break, mid-line
  6m:garbage=5        five broken lines                       demo             the story of scripts/demo.sh

Examples:
  $ bin/simulate --story demo
  $ bin/ingest --url http://127.0.0.1:8181/2/rsvps | bin/diff
  $ bin/ingest --source wikimedia-recentchange --url http://127.0.0.1:8181/v2/stream/recentchange | bin/stats --stdin
  $ bin/ingest --source bluesky-jetstream --url ws://127.0.0.1:8181/subscribe | bin/stats --stdin
  $ bin/simulate --print 10m --rate 100 --start 2026-01-01T00:00:00Z > rsvps.ndjson`;

async function simulate(options: Options, context: Context): Promise<void> {
  const made = world({
    seed: options.seed,
    rate: options.rate,
    start: options.start ?? systemClock.now(),
    disorder: options.disorder as Disorder,
    story: options.story,
  });
  if (options.print === undefined) return serveWorld(made, options, context);
  const tally = new Tally("messages", "made");
  context.conclude(tally);
  await printLines(made.lines(options.stream as StreamName), {
    span: options.print * 1000,
    output: standardOutput(),
    tally,
    stop: context.stop.signal,
  });
}

async function serveWorld(made: World, options: Options, context: Context): Promise<void> {
  const { log, stop } = context;
  const told = portFile(options.portFile);
  const streams = broadcaster(made, { clock: systemClock, log });
  const server = await serve(made, streams, { host: options.host, port: options.port, clock: systemClock });
  const tally = new ServedTally(streams.connections);
  context.conclude(tally);
  const turns = setInterval(() => streams.turn(), TURN_MS);
  try {
    told.tell(server.port);
    log.notice(
      `serving ${formatNumber(options.rate)} RSVPs a second at ${server.address}/2/rsvps (${server.address} lists the rest)${options.for === undefined ? "" : `, for ${formatSpan(options.for)}`}`,
      { port: server.port, url: server.address },
    );
    await ended(stop.signal, options.for);
  } finally {
    clearInterval(turns);
    streams.end();
    countMade(streams, tally);
    await server.close();
    told.remove();
  }
}

/** Resolves when `stop` aborts, or after so many seconds. */
async function ended(stop: AbortSignal, seconds: number | undefined): Promise<void> {
  if (seconds !== undefined) return systemClock.sleep(seconds * 1000, stop);
  await aborted(stop);
}

/** The messages a server made, by stream, and the connections it had. */
class ServedTally extends Tally {
  readonly #connections: Readonly<Connections>;

  constructor(connections: Readonly<Connections>) {
    super("rsvps", "made");
    this.#connections = connections;
  }

  override toString(): string {
    const { served, cut, dropped } = this.#connections;
    const fates = `${cut > 0 ? `, ${cut} cut` : ""}${dropped > 0 ? `, ${dropped} dropped` : ""}`;
    return `${super.toString()}; ${served} ${served === 1 ? "connection" : "connections"} served${fates}`;
  }

  override facts(): Record<string, number> {
    return { ...super.facts(), ...this.#connections };
  }
}

function countMade({ streams }: Broadcaster, tally: Tally): void {
  for (const name of STREAM_NAMES) {
    const { messages, broken } = streams[name].history;
    tally.read += messages + broken;
    tally.add(name, messages);
    tally.add("broken", broken);
  }
}

function parseRate(text: string): number {
  const rate = text.trim() === "" ? Number.NaN : Number(text);
  if (rate > 0 && rate <= RATE_MAX) return rate;
  throw expected(`a number of events per second, above 0 and at most ${RATE_MAX}`, text);
}

const expected = (what: string, got: string) =>
  new ToolError("usage", `expected ${what}, got ${JSON.stringify(got)}`);
