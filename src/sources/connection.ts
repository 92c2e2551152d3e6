import { type Clock, timerMs } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import { backOff } from "../core/retry.ts";

/** A source never reached within this of the start is unavailable, ms. */
const FIRST_REACH_MS_MAX = 4000;
/** Ceiling of the first wait after a loss, ms, and the one that the doubling stops at. */
const WAIT_MS_FIRST = 500;
const WAIT_MS_MAX = 60_000;
/** A connection that lasted this long was a good one: the next loss starts the waits anew. */
const GOOD_MS = 60_000;

/** One open connection: chunks of bytes as they come. Ends when the server ends it; throws when it breaks. */
export interface Connection {
  readonly chunks: AsyncIterable<Buffer>;
}

/** The status of an answer that says: do not come again. */
const NO_MORE = 204;

/**
 * An answer that is no stream. `retryAfter`: how long the server wants to be left alone, ms. `words`: what was expected
 * and what came, where the status does not tell.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly retryAfter: number;
  constructor(status: number, retryAfter = 0, words = `the server answered ${status}`) {
    super(words);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Opens one connection; `signal` ends it. */
export type Open = (signal: AbortSignal) => Promise<Connection>;

export interface ConnectionHandlers {
  connected(): void;
  /** A chunk; reading goes on when its promise resolves. */
  chunk(chunk: Buffer): void | Promise<void> | undefined;
  /**
   * The connection is gone, or another try at a source that was reached before failed. `clean`: the server ended it
   * in an orderly way. `wait`: s until the next try.
   */
  disconnected(reason: string, facts: { clean: boolean; wait: number }): void;
  /** The source, which was reached before, says that it has no more to give. */
  ended(): void;
}

export interface ConnectionOptions {
  readonly open: Open;
  readonly handlers: ConnectionHandlers;
  readonly stop: AbortSignal;
  /** A connection on which nothing comes for this long, while we want to read, is given up, s. */
  readonly stall: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** What the source itself has asked for as the least wait between two connections, ms. */
  readonly leastWait?: () => number;
  /** Says what to do about a source that cannot be reached. */
  readonly unreachable: (reason: string, status: number | undefined) => ToolError;
}

/**
 * Connects and stays connected until `stop` aborts, or the source answers 204: no more.
 *
 * Truncated exponential back-off with full jitter between tries, at least what Retry-After and the source itself ask for,
 * reset after a good minute. @throws what `unreachable` makes of it when the source is not reached within four seconds of
 * the start, or says at once that there is nothing; (permission) when it answers 401 or 403.
 */
export async function stayConnected(options: ConnectionOptions): Promise<void> {
  const { clock, stop, handlers } = options;
  const waits = backOff({ first: WAIT_MS_FIRST, max: WAIT_MS_MAX, random: options.random });
  const start = clock.elapsed();
  let reached = false;
  let reason = "no answer in time";
  while (!stop.aborted) {
    const outcome = await oneConnection(options, reached ? undefined : start + FIRST_REACH_MS_MAX);
    reached ||= outcome.reached;
    if (stop.aborted) return;
    const { status } = outcome;
    // The last try before the limit is cut short; the one before it says more.
    if (!outcome.timedOut) reason = outcome.reason;
    if (status === 401 || status === 403) throw options.unreachable(reason, status);
    if (status === NO_MORE && reached) return handlers.ended();
    const left = start + FIRST_REACH_MS_MAX - clock.elapsed();
    if (!reached && (left <= 0 || isFinal(status))) throw options.unreachable(reason, status);
    if (outcome.lasted >= GOOD_MS) waits.reset();
    const wait = Math.max(waits.next(), outcome.retryAfter, options.leastWait?.() ?? 0);
    if (reached) handlers.disconnected(outcome.reason, { clean: outcome.clean, wait: wait / 1000 });
    await clock.sleep(reached ? wait : Math.min(wait, left), stop);
  }
}

/** Answers that waiting does not mend: 200 is one of another kind than a stream. */
const isFinal = (status: number | undefined) =>
  status !== undefined &&
  ((status >= 200 && status < 300) ||
    (status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429));

/** Answers of a source that is there and asks to be left alone for a while. */
const NOT_NOW = new Set([429, 503]);

interface Outcome {
  /** Somebody answered, if only to say no. */
  readonly reached: boolean;
  readonly status: number | undefined;
  readonly retryAfter: number;
  readonly reason: string;
  readonly clean: boolean;
  readonly timedOut: boolean;
  /** ms. */
  readonly lasted: number;
}

async function oneConnection(
  { open, handlers, stop, stall, clock }: ConnectionOptions,
  deadline: number | undefined,
): Promise<Outcome> {
  const ending = new AbortController();
  const signal = AbortSignal.any([stop, ending.signal]);
  const begun = clock.elapsed();
  let stalled = false;
  const limit = (ms: number) =>
    setTimeout(() => {
      stalled = true;
      ending.abort();
    }, timerMs(ms));
  let connected = false;
  let timer = limit(deadline === undefined ? stall * 1000 : Math.max(1, deadline - begun));
  const outcome = (reason: string, more: Partial<Outcome> = {}): Outcome => ({
    reached: connected,
    status: undefined,
    retryAfter: 0,
    reason,
    clean: false,
    timedOut: stalled,
    lasted: connected ? clock.elapsed() - begun : 0,
    ...more,
  });
  try {
    const { chunks } = await open(signal);
    connected = true;
    handlers.connected();
    clearTimeout(timer);
    timer = limit(stall * 1000);
    for await (const chunk of chunks) {
      clearTimeout(timer);
      // While our own reader is slow the silence is ours, not the source's.
      const busy = handlers.chunk(chunk);
      if (busy !== undefined) await busy;
      timer = limit(stall * 1000);
    }
    return outcome("the source ended the stream", { clean: true });
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (error instanceof Refusal) {
      const { status, retryAfter } = error;
      return outcome(error.message, { reached: connected || NOT_NOW.has(status), status, retryAfter });
    }
    if (stalled) return outcome(connected ? `nothing came for ${stall} s` : "no answer in time");
    return outcome(reasonOf(error));
  } finally {
    clearTimeout(timer);
    ending.abort();
  }
}
