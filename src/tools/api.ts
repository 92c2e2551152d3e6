import { join } from "node:path";
import { eventFeed } from "../api/event-feed.ts";
import { LiveStream } from "../api/live-stream.ts";
import { refresher } from "../api/refresher.ts";
import {
  allowHostOption,
  corsOption,
  hostOption,
  portFileOption,
  portOption,
  type ServeOptions,
  serveUntil,
} from "../api/serve.ts";
import type { Origin } from "../api/wire.ts";
import { type Context, defineTool } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { rejectsOption, strictOption, withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { aborted } from "../core/signals.ts";
import { Tally } from "../core/tally.ts";
import { VERSION } from "../core/version.ts";
import { type WatchOptions, watchingOf, withWatchOptions } from "../detect/watch-options.ts";
import {
  type CountOptions,
  countRule,
  keysOption,
  maxCategoriesOption,
  otherOption,
  refusalTeller,
} from "../distribution/count-options.ts";
import { keyedEvents } from "../distribution/keyed-events.ts";
import { eventWindow } from "../rate/event-window.ts";
import { windowOption } from "../rate/window-option.ts";
import { keyIn } from "../records/message.ts";
import {
  idOption,
  keyOption,
  type MessageOptions,
  messagePaths,
  timeOption,
} from "../records/message-options.ts";
import { CATALOGUE, type Source, sourceNamed } from "../sources/catalogue.ts";
import { wordsOf } from "../sources/showing.ts";
import { eventShower, sourceOption } from "../sources/shown-events.ts";
import { openStore, redisOption } from "../store/connect.ts";
import { liveFeed } from "../store/live-feed.ts";
import type { RedisAddress } from "../store/redis-address.ts";

interface Options extends ServeOptions, WatchOptions, CountOptions, MessageOptions {
  readonly stream?: string | undefined;
  readonly redis: RedisAddress;
  readonly source?: Source | undefined;
  readonly stdin: boolean;
  readonly endWithInput: boolean;
  readonly window: number;
  readonly lateness: number;
  readonly strict: boolean;
  readonly rejects?: string | undefined;
}

/** How often the store is looked at, and listeners are told what is new, ms. */
const TURN_MS = 1000;
/** A request is answered from what is known of the store when that is no older than this, ms. */
const AGE_MS_MAX = 250;
/** … and waits for a store that is slow to answer no longer than this, ms. */
const WAIT_MS_MAX = 1000;

/** What goes with --stdin, for in Redis the tools that write and watch decide. */
const STDIN_OPTIONS = [
  ...[
    "--end-with-input",
    "--window",
    "--lateness",
    "--keys",
    "--other",
    "--max-categories",
    "--time",
    "--id",
  ],
  ...["--detect", "--false-alarms", "--below", "--above", "--clear", "--for", "--initial", "--factor"],
  ...["--clear-factor", "--strict", "--rejects"],
];

export const run = defineTool<Options>({
  name: "api",
  role: "service",
  declare: (base) =>
    withWatchOptions(base.optionsGroup("With --stdin, what is watched:"))
      .optionsGroup("Options:")
      .addOption(portOption())
      .addOption(hostOption())
      .addOption(portFileOption())
      .addOption(allowHostOption())
      .addOption(corsOption())
      .option("--stream <name>", "the stream to serve (default: the only one; with --stdin, the first)")
      .addOption(redisOption())
      .addOption(sourceOption())
      .addOption(keyOption())
      .option("--stdin", "serve events from standard input, in memory, without Redis", false)
      .optionsGroup("With --stdin:")
      .option("--end-with-input", "end when standard input does, instead of serving on", false)
      .addOption(windowOption())
      .addOption(keysOption())
      .addOption(otherOption())
      .addOption(maxCategoriesOption())
      .addOption(timeOption())
      .addOption(idOption())
      .addOption(strictOption())
      .addOption(rejectsOption())
      .addHelpText(
        "after",
        `
The page is at /vis; /openapi.json lists the rest. Alerts come from check-detect and unusualness with --publish, as
scripts/notify.sh and scripts/ingest.sh run them; with --stdin it watches by itself.

Examples:
  $ bin/api --stream meetup-rsvps
  $ bin/ingest | bin/api --stdin
  $ curl -s 'http://127.0.0.1:8000/histogram?over=all&keys=CA,NY'
  $ curl -sN http://127.0.0.1:8000/events`,
      ),
  run: api,
});

async function api(options: Options, context: Context): Promise<void> {
  return options.stdin ? serveInput(options, context) : serveStore(options, context);
}

/** What every way of serving has in common. */
function served({ source, key }: Options, origin: Origin) {
  const { elapsed } = systemClock;
  const live = new LiveStream({ origin, elapsed, wordsOf: (stream) => wordsOf(stream, source) });
  return {
    live,
    page: join(__dirname, "page"),
    version: VERSION,
    // As ingest does: messages are Meetup's RSVPs, unless somebody says otherwise.
    keyOf: (message: object) =>
      categoryIn(message, key, source ?? sourceNamed(live.name ?? "") ?? CATALOGUE[0]),
  };
}

/** The category of an event record, of a message, or of `{"key":"CA"}`. */
function categoryIn(message: object, path: string | undefined, source: Source): string | null {
  const { event, key } = message as { readonly event?: unknown; readonly key?: unknown };
  const named = typeof key === "string" && key !== "" ? key : null;
  if (event !== undefined && key !== undefined) return named;
  return keyIn(message, path === undefined ? source.paths : { key: path }) ?? named;
}

/** Follows a stream in Redis. */
async function serveStore(options: Options, context: Context): Promise<void> {
  const { log, stop, given, conclude } = context;
  const stray = STDIN_OPTIONS.find(given);
  if (stray !== undefined) throw new ToolError("usage", `${stray} goes with --stdin`);
  const { redis, stream } = options;
  const store = await openStore(redis, { clock: systemClock, log, signal: stop.signal });
  try {
    const tally = new Tally("readings", "polls");
    conclude(tally);
    const { live, ...app } = served(options, "store");
    const work = liveFeed({ store, stream, wordsOf: live.wordsOf }, live, { clock: systemClock, log, tally });
    const fresh = refresher({ work, clock: systemClock, ageMax: AGE_MS_MAX, waitMax: WAIT_MS_MAX });
    await fresh.run();
    const until = async () => {
      while (!stop.signal.aborted) {
        await fresh.run();
        live.turn();
        await systemClock.sleep(TURN_MS, stop.signal);
      }
    };
    // A store that is away is looked for once a second, not by each request.
    const refresh = () => (live.isAway ? undefined : fresh.due());
    await serveUntil(options, { ...app, live, refresh }, { log, until });
  } finally {
    await store.close();
  }
}

/** Follows events from standard input, and goes on serving when that has ended. */
async function serveInput(options: Options, context: Context): Promise<void> {
  const { log, stop, given } = context;
  if (given("--redis")) throw new ToolError("usage", "--redis and --stdin: expected one of them, got both");
  const { live, ...app } = served(options, "stdin");
  const read = inputReader(options, live, context);
  const turns = setInterval(() => live.turn(), TURN_MS);
  const until = async () => {
    await read();
    if (options.endWithInput || stop.signal.aborted) return;
    if (live.name === undefined) {
      return log.warning("standard input had no event, so there is nothing to serve");
    }
    live.stand("ended");
    log.notice("standard input ended; what it gave is served on (Ctrl-C ends)");
    await aborted(stop.signal);
  };
  try {
    await serveUntil(options, { ...app, live }, { log, until });
  } finally {
    clearInterval(turns);
  }
}

/** Reads standard input to its end, and tells a live stream what is in it. */
function inputReader(options: Options, live: LiveStream, context: Context): () => Promise<void> {
  const { log, stop } = context;
  const watching = watchingOf(options);
  const paths = messagePaths(options);
  const rule = countRule(options);
  const tally = new Tally("events");
  const feed = eventFeed({
    live,
    stream: options.stream,
    rule,
    window: eventWindow({ window: options.window, lateness: rule.latenessMs }),
    detectors: (name) => watching.detectors(live.wordsOf(name)),
    show: eventShower({ source: options.source, raw: paths !== undefined }),
    refused: refusalTeller(options, log),
    stray: (stream, followed) =>
      log.warning(
        `there are several streams; ${followed} is served, and ${stream} is not (--stream chooses)`,
      ),
  });
  const { line, end } = keyedEvents(
    { stream: options.stream ?? "stdin", paths },
    {
      event: (event, key) => tally.add(feed.event(event, key) ? "events" : "other streams"),
      tick: (tick) => tally.add(feed.tick(tick) ? "ticks" : "other streams"),
    },
    tally,
  );
  const loop = { line, settle: () => live.touch() };
  return () =>
    withFaults(context, options, tally, async (tools) => {
      await forEachLine((take) => readStdin(take, stop.signal), loop, { ...tools, stop: stop.signal });
      end();
      feed.end();
    });
}
