import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { backOff } from "../core/retry.ts";
import { formatNumber } from "../core/spans.ts";
import type { Resumed } from "../records/resumed.ts";
import { Repeats } from "./repeats.ts";
import { type Store, StoreAway } from "./store.ts";

/** Ceilings of the waits between two tries, ms. */
const RETRY_MS = { first: 50, max: 1000 } as const;

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
  readonly #streams = new Map<string, Repeats>();
  #reading: Promise<void> | undefined;

  constructor(options: KnownEventsOptions) {
    this.#options = options;
  }

  /** A run of a stream begins; until `held` has nothing more to wait for, no event of it may be asked about. */
  begin(stream: string, resumed: Resumed): void {
    if (resumed.passed === undefined) return;
    const before = this.#reading ?? Promise.resolve();
    const reading = before.then(() => this.#read(stream, resumed));
    this.#reading = reading.finally(() => {
      this.#reading = undefined;
    });
  }

  /** What is to be waited for. @throws what the store refuses for good. */
  held(): Promise<void> | undefined {
    return this.#reading;
  }

  isRepeat(event: { readonly stream: string; readonly t: number; message(): Buffer }): boolean {
    return this.#streams.get(event.stream)?.isRepeat(event) ?? false;
  }

  async #read(stream: string, resumed: Resumed): Promise<void> {
    const { store, clock, log, signal } = this.#options;
    const wait = backOff({ ...RETRY_MS, random: Math.random });
    for (;;) {
      try {
        const repeats = new Repeats(await store.trail(stream, resumed.run), resumed);
        this.#streams.set(stream, repeats);
        const { left } = repeats;
        const words = `${stream}: goes on where an earlier run had got to; ${formatNumber(left)} events of it are known if they come again`;
        return log.info(words, { stream, run: resumed.run, known: left });
      } catch (error) {
        if (!(error instanceof StoreAway) || signal.aborted) throw error;
      }
      await clock.sleep(wait.next(), signal);
    }
  }
}
