import type { Clock } from "../core/clock.ts";
import type { Faults } from "../core/faults.ts";
import { countedLines } from "../core/line-loop.ts";
import type { LineSplitter } from "../core/lines.ts";
import type { Log } from "../core/log.ts";
import type { Output } from "../core/output.ts";
import { formatSpan } from "../core/spans.ts";
import type { Tally } from "../core/tally.ts";
import { headReader } from "../records/head.ts";
import type { Resumed } from "../records/resumed.ts";
import { formatTick, type TickRecord } from "../records/tick.ts";
import { shownAddress } from "./address.ts";
import type { Source } from "./catalogue.ts";
import { type ConnectionHandlers, stayConnected } from "./connection.ts";
import type { Told } from "./event-stream.ts";
import type { EventLines } from "./events.ts";
import type { LiveStatus } from "./live-status.ts";
import { messageTaker } from "./message-taker.ts";
import { SPEECH } from "./protocols.ts";
import { type GoOn, type Resuming, resuming } from "./resuming.ts";
import { unreachable } from "./unreachable.ts";
import { userAgent } from "./user-agent.ts";

const TICK_MS = 1000;

export interface LiveOptions {
  readonly source: Source;
  readonly stream: string;
  /** Messages further ahead of this machine's clock are refused, s. */
  readonly ahead: number;
  readonly stall: number;
  readonly raw: boolean;
  /** Whom the source may turn to about us. */
  readonly contact?: string | undefined;
  /** The run that this is, and where earlier ones had got to; undefined: none that anybody knows of. */
  readonly begin?: RunBegin | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly stop: AbortSignal;
}

export interface RunBegin {
  readonly run: Resumed["run"];
  readonly gaps: Resumed["gaps"];
  /** undefined: with what is live. */
  readonly goOn: GoOn | undefined;
  /** The line of an event that comes before all that is asked for; undefined where none does. */
  readonly first: string | undefined;
}

export interface LiveParts {
  readonly lines: EventLines;
  readonly output: Output;
  readonly tally: Tally;
  readonly faults: Faults;
  readonly log: Log;
  readonly status: LiveStatus;
}

/**
 * Follows a live source until `stop` aborts or the source says that there is no more: events as they come, and a tick each
 * second. A lost connection is resumed as the source can, and what comes again is dropped.
 */
export async function followLive(options: LiveOptions, parts: LiveParts): Promise<void> {
  const { source, clock, stop, stream, contact, begin } = options;
  const { lines, output, status } = parts;
  let at = 0;
  /** Arrival time never goes back, whatever the clock does. */
  const now = () => {
    at = Math.max(at, Math.round(clock.now()));
    return at;
  };
  const writeTick = (more: Pick<TickRecord, "resumed" | "ended"> = {}) => {
    const time = now();
    lines.text(formatTick({ tick: time, at: time, stream, connected: status.isConnected, ...more }));
    lines.flush();
  };
  const tick = () => {
    // With a reader that is slow, ticks would only pile up behind the events.
    if (!options.raw && output.ready() === undefined) writeTick();
  };
  const told: Told = { lastEventId: undefined, leastWait: 0 };
  const headers = { "user-agent": userAgent(contact) };
  const places = resuming({
    source,
    headers,
    told,
    now,
    elapsed: clock.elapsed,
    goOn: begin?.goOn,
    missing: missingTeller(options, parts),
  });
  const { open, messages } = SPEECH[source.protocol];
  const take = messageTaker(options.ahead, { ...parts, resuming: places, now, sent: status.sent });

  if (begin === undefined) tick();
  else {
    writeTick({ resumed: resumedOf(begin, places.since) });
    if (begin.first !== undefined) giveAgain(begin.first, { ...parts, places });
  }
  const timer = setInterval(tick, TICK_MS);
  try {
    await stayConnected({
      open: (signal) => open(places.request(), signal),
      handlers: connectionHandlers(options, parts, {
        resuming: places,
        tick,
        messages: () => messages(countedLines(take, parts), told),
      }),
      stop,
      stall: options.stall,
      clock,
      random: options.random,
      leastWait: () => told.leastWait,
      unreachable: (reason, code) =>
        unreachable(source, { reason, status: code, contact: contact !== undefined }),
    });
  } finally {
    clearInterval(timer);
    status.lost();
    if (begin === undefined) tick();
    else writeTick({ ended: true });
  }
}

/** What is done, and told, when the connection comes, goes, or brings something. */
function connectionHandlers(
  { source, stream, begin }: LiveOptions,
  { lines, output, log, status }: LiveParts,
  {
    resuming: places,
    tick,
    messages,
  }: { resuming: Resuming; tick: () => void; messages: () => LineSplitter },
): ConnectionHandlers {
  const url = shownAddress(source.url);
  let lost = false;
  let splitter: LineSplitter | undefined;
  return {
    connected() {
      status.connected();
      splitter = messages();
      const goesOn = lost || begin?.goOn !== undefined;
      if (goesOn) places.resumed();
      const cursor = goesOn ? places.cursor() : undefined;
      const facts = { stream, url, protocol: source.protocol, ...(cursor !== undefined && { cursor }) };
      const from = goesOn && !lost ? ", going on where an earlier run had got to" : "";
      log.notice(`${lost ? "connected again" : "connected"} to ${url}${from}`, facts);
      tick();
    },
    chunk(chunk) {
      splitter?.push(chunk);
      lines.flush();
      return output.ready();
    },
    disconnected(reason, { clean, wait }) {
      // The message that was cut off comes again whole, or never will; only an orderly end completes one.
      if (clean) splitter?.end();
      splitter = undefined;
      lines.flush();
      // What it was like until now; of a try that failed, how long it has been away.
      const facts = { ...status.facts(), reason, wait };
      if (status.isConnected) status.lost();
      tick();
      lost = true;
      log.warning(`${reason}; next try in ${formatSpan(wait)}`, facts);
    },
    ended() {
      log.notice(`${url}: the source says that it has no more to give (204): the stream ends`, {
        stream,
        url,
      });
    },
  };
}

/** What the run's first tick says. */
function resumedOf({ run, gaps, goOn, first }: RunBegin, since: number | undefined): Resumed {
  if (goOn === undefined) return { run };
  const { after, passed } = goOn;
  // The first event of all comes again too.
  const behind = first === undefined ? { after } : {};
  return { run, ...behind, passed, ...(since !== undefined && { since }), ...(gaps && { gaps }) };
}

/** Gives an event that an earlier run gave, so that it is known when it comes from the source as well. */
function giveAgain(
  line: string,
  { lines, tally, places }: Pick<LiveParts, "lines" | "tally"> & { readonly places: Resuming },
): void {
  const { head, read, message } = headReader(["event"]);
  const bytes = Buffer.from(line);
  if (read(bytes, 0, bytes.length) === "ok") places.sent(message(), head.t);
  tally.read++;
  tally.add("events");
  lines.text(`${line}\n`);
  lines.flush();
}

/** Says what the source has nothing of, though it was asked for it. */
function missingTeller({ source, stream }: LiveOptions, { log, status }: LiveParts) {
  const { resume } = source;
  const why =
    resume === "last-event-id"
      ? "it had nothing then, or no longer has it"
      : "it no longer has it, and what there was is missing";
  return (from: number, to: number) => {
    const seconds = (to - from) / 1000;
    status.missing(seconds);
    const facts = { stream, from: new Date(from).toISOString(), to: new Date(to).toISOString(), seconds };
    log.warning(`the source gave nothing of the ${formatSpan(seconds)} before ${facts.to}: ${why}`, facts);
  };
}
