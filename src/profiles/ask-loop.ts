import { bell } from "../core/bell.ts";
import type { Clock } from "../core/clock.ts";
import { Passing, type Patience } from "../core/retry.ts";
import type { DocumentStore } from "./document-store.ts";
import type { IdLog } from "./id-log.ts";
import { PROFILE_KINDS, type ProfileKind } from "./kinds.ts";
import type { ProfileSource } from "./profile-source.ts";
import { type SavedProfiles, saveProfiles } from "./save-profiles.ts";

/** How long an id waits for others, so that one request asks for many, ms. */
const LINGER_MS = 5000;
/** How long the batch in flight may still take once the work is told to stop, ms. */
const STOP_GRACE_MS = 3000;

export interface AskLoopOptions {
  readonly source: ProfileSource;
  readonly store: DocumentStore;
  readonly ids: IdLog;
  readonly clock: Clock;
  readonly patience: { readonly source: Patience; readonly store: Patience };
  /** Ends the work after the batch in flight. */
  readonly stop: AbortSignal;
  /** Ends it at once. */
  readonly gaveUp: AbortSignal;
  /** What became of a batch, once its ids are settled. */
  readonly settled: (kind: ProfileKind, saved: SavedProfiles) => void;
}

/** Asks for the ids that wait, a batch at a time, the kinds in turn. */
export interface AskLoop {
  /** One more id of this kind waits; `before` others did. */
  added(kind: ProfileKind, before: number): void;
  /** No more will come: all that wait are asked for. */
  end(): void;
  /** Resolves when all were asked for after the end, or the work was ended. @throws what `saveProfiles` does. */
  readonly finished: Promise<void>;
}

/** Begins at once, with what waits already. */
export function askLoop(options: AskLoopOptions): AskLoop {
  const { source, store, ids, clock, patience, stop, gaveUp, settled } = options;
  const { books } = ids;
  const signal = AbortSignal.any([stop, gaveUp]);
  const { ring, wait } = bell(clock);
  /** When each kind is to be asked for, whatever waits by then. */
  const dueAt = { members: clock.elapsed(), groups: clock.elapsed() };
  let order: readonly ProfileKind[] = PROFILE_KINDS;
  let ended = false;

  const isDue = (kind: ProfileKind) =>
    books[kind].waiting > 0 &&
    (ended || books[kind].waiting >= source.idsMax || clock.elapsed() >= dueAt[kind]);

  async function askFor(kind: ProfileKind): Promise<void> {
    order = [...order.filter((other) => other !== kind), kind];
    const batch = books[kind].first(source.idsMax);
    const saving = saveProfiles(kind, batch, { source, store, collection: kind, patience });
    const saved = await untilGrace(saving, { clock, stop, signal, abort: () => source.abort() });
    ids.settle(kind, batch);
    dueAt[kind] = clock.elapsed() + LINGER_MS;
    settled(kind, saved);
  }

  async function work(): Promise<void> {
    while (!signal.aborted) {
      const kind = order.find(isDue);
      if (kind !== undefined) await askFor(kind);
      else if (ended) return;
      else {
        const next = PROFILE_KINDS.filter((name) => books[name].waiting > 0).map((name) => dueAt[name]);
        await wait(Math.min(LINGER_MS, ...next.map((at) => at - clock.elapsed())));
      }
    }
  }

  stop.addEventListener("abort", ring, { once: true });
  return {
    added(kind, before) {
      if (before === 0) dueAt[kind] = clock.elapsed() + LINGER_MS;
      if (before === 0 || before + 1 === source.idsMax) ring();
    },
    end() {
      ended = true;
      ring();
    },
    finished: work().catch((error: unknown) => {
      // Patience ended because the work did.
      if (!(error instanceof Passing && signal.aborted)) throw error;
    }),
  };
}

interface Ending {
  readonly clock: Pick<Clock, "sleep">;
  /** Leaves it some time. */
  readonly stop: AbortSignal;
  /** Aborts with `stop`, and to leave it none. */
  readonly signal: AbortSignal;
  /** Called when the time is over. */
  readonly abort: () => void;
}

/** What a promise gives, but not long after the work was told to stop. */
async function untilGrace<T>(promise: Promise<T>, { clock, stop, signal, abort }: Ending): Promise<T> {
  const over = new AbortController();
  const grace = new Promise<never>((_, reject) => {
    const giveIn = () =>
      clock.sleep(stop.aborted ? STOP_GRACE_MS : 0, over.signal).then(() => {
        if (over.signal.aborted) return;
        abort();
        reject(new Passing("it takes too long to end"));
      });
    if (signal.aborted) giveIn();
    else signal.addEventListener("abort", giveIn, { signal: over.signal, once: true });
  });
  try {
    return await Promise.race([promise, grace]);
  } finally {
    over.abort();
  }
}
