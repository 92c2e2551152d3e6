import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Faults } from "../core/faults.ts";
import { countedLines, type LineLoop } from "../core/line-loop.ts";
import { type LineSplitter, lineSplitter } from "../core/lines.ts";
import type { Log } from "../core/log.ts";
import type { Output } from "../core/output.ts";
import { formatSpan } from "../core/spans.ts";
import type { Tally } from "../core/tally.ts";
import { formatTick } from "../records/tick.ts";
import { shownAddress } from "./address.ts";
import type { Source } from "./catalogue.ts";
import { stayConnected } from "./connection.ts";
import type { EventLines } from "./events.ts";
import { openNdjson } from "./http-ndjson.ts";
import { hashOf, overlap } from "./overlap.ts";

/** How far back a resumed source is asked to begin before the greatest time seen, ms: messages come out of order. */
const OVERLAP_MS = 60_000;
const TICK_MS = 1000;
/** Refused messages after which the clock is looked at. */
const AHEAD_MIN = 10;

export interface LiveOptions {
  readonly source: Source;
  readonly stream: string;
  /** Messages further ahead of this machine's clock are refused, s. */
  readonly ahead: number;
  readonly stall: number;
  readonly raw: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stop: AbortSignal;
}

export interface LiveParts {
  readonly lines: EventLines;
  readonly output: Output;
  readonly tally: Tally;
  readonly faults: Faults;
  readonly log: Log;
}

/** What a status line tells of a live source. */
export interface LiveState {
  connectedSince: number | undefined;
  lastEvent: number | undefined;
}

/** Follows a live source until `stop` aborts: events as they come, and a tick each second. */
export async function followLive(options: LiveOptions, parts: LiveParts, state: LiveState): Promise<void> {
  const { source, clock, stop, stream } = options;
  const shown = shownAddress(source.url);
  const { lines, output, log } = parts;
  let at = 0;
  let greatest = 0;
  let earliest = Number.POSITIVE_INFINITY;
  let lost = false;
  let splitter: LineSplitter | undefined;
  const repeats = overlap();

  /** Arrival time never goes back, whatever the clock does. */
  const now = () => {
    at = Math.max(at, Math.round(clock.now()));
    return at;
  };
  const write = () => lines.flush();
  const tick = (connected: boolean) => {
    // With a reader that is slow, ticks would only pile up behind the events.
    if (options.raw || output.ready() !== undefined) return;
    const tickNow = now();
    lines.text(formatTick({ tick: tickNow, at: tickNow, stream, connected }));
    write();
  };
  const resumable = source.resume === "since_mtime";
  /** Where to begin after a loss: an overlap before the newest message, but not before all that this run has seen. */
  const resumeAt = () => Math.max(Math.floor(Math.min(greatest, now())) - OVERLAP_MS, Math.floor(earliest));
  const address = () => {
    if (!resumable || greatest === 0) return source.url;
    const url = new URL(source.url);
    url.searchParams.set("since_mtime", String(resumeAt()));
    return url.href;
  };
  const take = messageTaker(options, parts, {
    now,
    isRepeat: (message) => resumable && repeats.isRepeat(hashOf(message), clock.elapsed()),
    sent(message, t) {
      if (resumable) repeats.sent(hashOf(message), t);
      greatest = Math.max(greatest, t);
      earliest = Math.min(earliest, t);
      state.lastEvent = at;
    },
  });

  tick(false);
  const timer = setInterval(() => tick(state.connectedSince !== undefined), TICK_MS);
  try {
    await stayConnected({
      open: (signal) => openNdjson(address(), signal),
      stop,
      stall: options.stall,
      clock,
      random: options.random,
      unreachable: (reason, status) => unreachable(source, reason, status),
      handlers: {
        connected() {
          state.connectedSince = clock.now();
          splitter = lineSplitter(countedLines(take, parts));
          if (lost && resumable) repeats.begin(resumeAt(), clock.elapsed());
          log.notice(`${lost ? "connected again" : "connected"} to ${shown}`, {
            stream,
            url: shown,
          });
          tick(true);
        },
        chunk(chunk) {
          splitter?.push(chunk);
          write();
          return output.ready();
        },
        disconnected(reason, { clean, wait }) {
          // The line that was cut off comes again whole, or never will; only an orderly end completes one.
          if (clean) splitter?.end();
          splitter = undefined;
          state.connectedSince = undefined;
          write();
          tick(false);
          lost = true;
          log.warning(`${reason}; next try in ${formatSpan(wait)}`, {
            stream,
            url: shown,
            reason,
            wait,
          });
        },
      },
    });
  } finally {
    clearInterval(timer);
    state.connectedSince = undefined;
    tick(false);
  }
}

/** Takes one message from the wire: bad, filtered, ahead, a repeat, or an event. */
function messageTaker(
  { ahead }: LiveOptions,
  { lines, tally, log }: LiveParts,
  source: {
    now: () => number;
    isRepeat: (message: Buffer) => boolean;
    sent: (message: Buffer, t: number) => void;
  },
): LineLoop["line"] {
  let refused = 0;
  let judged = 0;
  function refuse(t: number, at: number): void {
    tally.add("ahead");
    refused++;
    if (refused !== 1 && refused !== AHEAD_MIN) return;
    const lead = formatSpan((t - at) / 1000);
    const most = refused >= AHEAD_MIN && refused * 2 > judged;
    const cause = most ? "; as most are, this machine's clock is behind: set it" : "";
    log.warning(`a message is dated ${lead} ahead of this machine's clock and refused (--ahead)${cause}`, {
      t,
      at,
      refused,
    });
  }
  return (buffer, start, end) => {
    const outcome = lines.read(buffer, start, end);
    if (outcome === "filtered") return void tally.add("filtered");
    if (outcome !== "ok") return outcome;
    const { t } = lines.head;
    const at = source.now();
    judged++;
    if (t > at + ahead * 1000) return void refuse(t, at);
    const message = lines.message();
    if (source.isRepeat(message)) return void tally.add("repeats");
    source.sent(message, t);
    lines.append({ t, at });
    return undefined;
  };
}

function unreachable(source: Source, reason: string, status: number | undefined): ToolError {
  const shown = shownAddress(source.url);
  const facts = { url: shown, reason };
  if (status === 401 || status === 403) {
    return new ToolError("permission", `${shown}: ${reason}: it does not let us in`, { facts });
  }
  if (source.retired !== undefined && new URL(source.url).hostname === RETIRED_HOST) {
    return new ToolError("unavailable", `${shown}: ${reason}. ${source.retired}; ${INSTEAD}`, { facts });
  }
  const hint = "is the address right, and the server running?";
  return new ToolError("unavailable", `${shown}: cannot be reached: ${reason}; ${hint}`, { facts });
}

const RETIRED_HOST = "stream.meetup.com";
const INSTEAD =
  "run `simulate` and give its address with --url, replay a recording with --replay FILE, or give another stream's address with --url";
