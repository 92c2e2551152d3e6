import { type Clock, timerMs } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Passing, retried } from "../core/retry.ts";
import { formatNumber, formatSpan } from "../core/spans.ts";
import type { Resumed } from "../records/resumed.ts";
import { runsIn } from "../records/runs.ts";
import { outageLog } from "./outage-log.ts";
import { Repeats } from "./repeats.ts";
import { STORE_RETRY_MS, type Store, StoreAway } from "./store.ts";

/** How long a store is waited for that has gone away since the run began, s. */
const WAIT_SECONDS = 60;

export interface KnownEventsOptions {
  readonly store: Pick<Store, "trail">;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Knows, for each stream of which a run goes on where an earlier one had got to, which events were counted before. What
 * they were is read from the store when the run begins; a store that is away is waited for.
 */
export class KnownEvents {
  readonly #options: KnownEventsOptions;
  readonly #runs = runsIn();
  readonly #streams = new Map<string, Repeats>();
  #reading: Promise<void> | undefined;

  constructor(options: KnownEventsOptions) {
    this.#options = options;
  }

  /** The input comes from ingest --resume, which ends every line. */
  get isInRun(): boolean {
    return this.#runs.any;
  }

  /** A run of a stream begins; until `held` has nothing more to wait for, no event of it may be asked about. @throws ToolError (badInput) for a second one. */
  begin(stream: string, resumed: Resumed): void {
    this.#runs.begin(stream, resumed);
    if (resumed.passed === undefined) return;
    const before = this.#reading ?? Promise.resolve();
    const reading = before.then(() => this.#read(stream, resumed));
    this.#reading = reading.finally(() => {
      this.#reading = undefined;
    });
  }

  /** What is to be waited for. @throws ToolError (unavailable) when the store stays away; what it refuses for good. */
  held(): Promise<void> | undefined {
    return this.#reading;
  }

  isRepeat(event: { readonly stream: string; readonly t: number; message(): Buffer }): boolean {
    return this.#streams.get(event.stream)?.isRepeat(event) ?? false;
  }

  async #read(stream: string, resumed: Resumed): Promise<void> {
    const { store, clock, log, signal } = this.#options;
    const outage = outageLog({ clock, log });
    const late = AbortSignal.timeout(timerMs(WAIT_SECONDS * 1000));
    const waiting = () => ({ words: "the events of a run that goes on", facts: { stream } });
    const patience = {
      ...STORE_RETRY_MS,
      random: Math.random,
      clock,
      signal: AbortSignal.any([signal, late]),
      failed: ({ message }: Passing) => outage.away(message, waiting),
    };
    const trail = await retried(() => store.trail(stream, resumed.run), patience).catch((error: unknown) => {
      if (!(error instanceof StoreAway)) throw error;
      const words = `${stream}: what was counted before is not known: Redis stayed away for ${formatSpan(WAIT_SECONDS)} (${error.message})`;
      throw new ToolError("unavailable", words, { facts: { stream } });
    });
    outage.back();
    const repeats = new Repeats(trail, resumed);
    this.#streams.set(stream, repeats);
    const { left } = repeats;
    log.info(
      `${stream}: goes on where an earlier run had got to; ${formatNumber(left)} events of it are known if they come again`,
      { stream, run: resumed.run, known: left },
    );
  }
}
