import type { Clock } from "../core/clock.ts";
import type { ToolError } from "../core/errors.ts";
import { faults } from "../core/faults.ts";
import { type Log, logOf } from "../core/log.ts";
import type { Output } from "../core/output.ts";
import { Tally } from "../core/tally.ts";
import type { Place } from "../records/place.ts";
import { shownAddress } from "../sources/address.ts";
import type { Resume } from "../sources/catalogue.ts";
import { followLive, type RunBegin } from "../sources/live.ts";
import { type LiveStatus, liveStatus } from "../sources/live-status.ts";
import { goOnAt } from "../sources/resuming.ts";
import { collectedLines } from "./collected-lines.ts";
import type { StreamSettings } from "./config.ts";
import type { Keeping, KeptStream } from "./keeping.ts";
import type { PlaceFile } from "./places.ts";
import { type Standing, supervise } from "./supervise.ts";

export interface CollectedStreamOptions {
  readonly settings: StreamSettings;
  readonly keeping: Keeping;
  readonly places: PlaceFile;
  /** Messages further ahead of this machine's clock are refused, s. */
  readonly ahead: number;
  /** A connection on which nothing comes for this long is given up, s. */
  readonly stall: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** A stream that is followed, started again when that fails, and what can be told of it. */
export interface CollectedStream {
  readonly settings: StreamSettings;
  readonly status: LiveStatus;
  /** Where it goes on: greatest event time that an earlier run kept, ms; undefined where it begins with what is live. */
  readonly goesOnFrom: number | undefined;
  standing(): Standing;
  /** Events that are kept for good. */
  kept(): number;
  /** s from the newest event to now; undefined before the first. */
  behind(): number | undefined;
  /** What became of its messages, as the last line on it. */
  tally(): Tally;
  /** Follows it until `stop` aborts or it ends for good. @returns why it stays down, if so. */
  run(): Promise<ToolError | undefined>;
}

export function collectedStream(options: CollectedStreamOptions): CollectedStream {
  const { settings, keeping, places, clock, random, stop, ahead, stall } = options;
  const { source, stream, contact } = settings;
  const log = logAbout(stream, options.log);
  const tally = new Tally("events", "received");
  const status = liveStatus({ stream, url: shownAddress(source.url), tally, clock });
  const before = places.placeOf(stream, source.url);
  const kept: KeptStream = keeping.stream(settings, { passed: before?.passed });
  const lines = collectedLines(settings, { tally, take: kept.take });
  const output = keptOutput(keeping);
  const bad = faults(log, tally, { strict: false });
  let standing: Standing = { kind: "running" };
  let runs = 0;
  if (before === undefined) markOrigin();

  /** A run that is killed before it kept anything leaves where it began, for sources that are asked by time. */
  function markOrigin(): void {
    const now = Math.floor(clock.now());
    const cursor = { since_mtime: now, cursor: now * 1000, "last-event-id": undefined, none: undefined };
    const at = cursor[source.resume];
    if (at === undefined) return;
    places.moved(stream, { address: source.url, place: { cursor: String(at), passed: now } });
  }

  async function follow(): Promise<void> {
    // The first run begins with what is live where nothing is known of an earlier one.
    const place = runs++ === 0 ? before : places.placeOf(stream, source.url);
    const begin = beginOf(place, source.resume);
    await followLive(
      { source, stream, ahead, stall, raw: false, contact, clock, random, stop, begin },
      { lines, output, tally, faults: bad, log, status },
    );
  }

  return {
    settings,
    status,
    goesOnFrom: beginOf(before, source.resume)?.goOn?.passed,
    standing: () => standing,
    kept: () => kept.kept,
    behind() {
      const { behind } = status.facts();
      return typeof behind === "number" ? behind : undefined;
    },
    tally: () => tally,
    async run() {
      try {
        return await supervise({
          run: follow,
          ...{ clock, random, log, stop },
          changed(to) {
            standing = to;
          },
        });
      } finally {
        bad.end();
      }
    },
  };
}

function beginOf(place: Place | undefined, resume: Resume): RunBegin | undefined {
  const goOn = goOnAt({ place, begun: undefined }, resume);
  return goOn && { run: 1, gaps: undefined, goOn, first: undefined };
}

/** What is taken is on its way at once; the source waits while too much is. */
function keptOutput(keeping: Keeping): Output {
  return {
    write: () => true,
    ready() {
      keeping.send();
      return keeping.room();
    },
    flush: async () => {},
    gone: keeping.failed,
  };
}

/** A log in which the stream is named, for there are several. */
const logAbout = (stream: string, log: Log): Log =>
  logOf((severity, message, facts) =>
    log.write(severity, message.startsWith(`${stream}: `) ? message : `${stream}: ${message}`, {
      stream,
      ...facts,
    }),
  );
