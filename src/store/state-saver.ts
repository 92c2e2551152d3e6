import type { Clock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { StateStore } from "./state-store.ts";
import { StoreAway } from "./store.ts";

/** State is saved at most so often, ms. */
const SAVE_MS = 1000;
/** A store that is away is left alone for so long, ms. */
const AWAY_MS = 5000;
/** At the end: between two tries, ms. */
const TRY_MS = 250;

/** Saves state as a run goes on, now and then, and surely at its end. */
export interface StateSaver {
  /** Something changed since the last save, which is long enough ago. */
  isDue(): boolean;
  /** Saves; a store that is away is reported once, and tried again later. @throws ToolError for what will not pass. */
  save(): Promise<void>;
  /** Saves, waiting up to so many seconds for a store that is away. @throws ToolError (unavailable) after that. */
  finish(secondsMax: number): Promise<void>;
}

export interface StateSaverOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  /** The state as it is now. */
  readonly text: () => string;
}

/** @returns undefined when it was saved, else why the store is away. */
async function trySave({ store, text }: StateSaverOptions): Promise<StoreAway | undefined> {
  try {
    await store.save(text());
    return undefined;
  } catch (error) {
    if (error instanceof StoreAway) return error;
    throw error;
  }
}

export function stateSaver(options: StateSaverOptions): StateSaver {
  const { store, clock, log } = options;
  let next = clock.elapsed() + SAVE_MS;
  let isAway = false;

  return {
    isDue: () => clock.elapsed() >= next,
    async save() {
      const away = await trySave(options);
      next = clock.elapsed() + (away === undefined ? SAVE_MS : AWAY_MS);
      if (away !== undefined && !isAway) {
        log.warning(`${store.name}: ${away.message}; the state waits until it is back`);
      }
      if (away === undefined && isAway) log.notice(`${store.name}: it is back; the state is saved`);
      isAway = away !== undefined;
    },
    async finish(secondsMax) {
      const deadline = clock.elapsed() + secondsMax * 1000;
      for (;;) {
        const away = await trySave(options);
        if (away === undefined) return;
        if (clock.elapsed() + TRY_MS >= deadline) {
          throw new ToolError(
            "unavailable",
            `${store.name}: ${away.message}; the state was not saved, so the next run may tell alerts again`,
            { cause: away },
          );
        }
        await clock.sleep(TRY_MS);
      }
    },
  };
}
