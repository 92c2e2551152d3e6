import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { retried } from "../core/retry.ts";
import { openStore } from "./connect.ts";
import { reach } from "./reach.ts";
import type { RedisAddress } from "./redis-address.ts";
import { runStart, type Start } from "./run-start.ts";
import { STORE_RETRY_MS, StoreAway } from "./store.ts";

/** How often it is looked whether another run has begun, ms. */
const LOOK_MS = 2000;

/** One run of a stream: from now on, what an earlier one still sends is refused. */
export interface Run {
  readonly start: Start;
  /** Aborts when another run has begun. */
  readonly superseded: AbortSignal;
  /** Keeps the line of the stream's first event that has a place; a store that is away is waited for, until `gone` aborts. */
  keepOrigin(line: string, gone: AbortSignal): Promise<void>;
  end(): Promise<void>;
}

export interface RunOptions {
  readonly address: RedisAddress;
  readonly stream: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/** Begins a run. @throws ToolError (unavailable, permission) when the store does not answer. */
export async function openRun({ stream, ...around }: RunOptions): Promise<Run> {
  const { address, clock, log, signal } = around;
  const store = await openStore(address, around);
  const beginning = await reach(() => store.beginRun(stream), around).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const start = runStart(beginning);
  for (const loss of start.losses) {
    const words = `${stream}: the gaps are further behind the counts than can be made up for, so some are never counted`;
    log.warning(words, { stream, from: isoTime(loss.from), to: isoTime(loss.to) });
  }
  const superseded = new AbortController();
  const look = async () => {
    try {
      if ((await store.currentRun(stream)) > start.run) superseded.abort();
    } catch (error) {
      // While it is away nobody else can begin; what it refuses is told by who writes to it.
      if (!(error instanceof StoreAway)) clearInterval(timer);
    }
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    start,
    superseded: superseded.signal,
    async keepOrigin(line, gone) {
      const ending = AbortSignal.any([signal, gone]);
      try {
        const patience = { ...STORE_RETRY_MS, random: Math.random, clock, signal: ending };
        await retried(() => store.keepOrigin(stream, line), patience);
      } catch (error) {
        // Whoever ends now has nothing to go on to.
        if (!(error instanceof StoreAway)) throw error;
      }
    },
    async end() {
      clearInterval(timer);
      await store.close();
    },
  };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
