import { dirname, resolve } from "node:path";
import { fileError, systemCode, ToolError } from "../core/errors.ts";
import { lockHolder, tryLock } from "../core/lock.ts";
import { secondOf } from "../core/stream-time.ts";
import type { RateRecord } from "../records/rate.ts";
import { nothingStored, onlyStream } from "./choose-stream.ts";
import { rateOf, ratesOf, releasedIn } from "./rate-polls.ts";
import { type RateState, readRateState, writeRateState } from "./rate-state.ts";
import { type Reading, type Store, StoreAway } from "./store.ts";

/** What a single look without a memory reports, completed seconds. */
const LOOK_BACK_SECONDS = 60;
/** What a look with a memory catches up on, at most, completed seconds. */
const CATCH_UP_SECONDS = 900;

export interface OnceOptions {
  readonly stream: string | undefined;
  /** File that remembers what was told. */
  readonly state: string | undefined;
}

/**
 * Looks once. Without a state, one record of the last 60 completed seconds. With one, a record for each second since
 * the last run, as far back as is kept; what was told is remembered once `deliver` has resolved.
 * @throws ToolError (unavailable) where nothing is stored, or while another run uses the state.
 */
export async function pollOnce(
  store: Store,
  { stream: wanted, state: path }: OnceOptions,
  deliver: (records: readonly RateRecord[]) => Promise<void>,
): Promise<void> {
  const lock = path === undefined ? undefined : locked(path);
  try {
    const state = path === undefined ? undefined : readRateState(path, wanted);
    const { stream, reading } = await look(store, wanted ?? state?.stream, state);
    await deliver(recordsOf(stream, reading, state));
    if (path === undefined) return;
    writeRateState(path, { stream, second: secondOf(reading.time), newest: reading.newest });
  } catch (error) {
    if (!(error instanceof StoreAway)) throw error;
    throw new ToolError("unavailable", `the store went away: ${error.message}; run it again`, {
      cause: error,
    });
  } finally {
    lock?.release();
  }
}

async function look(store: Store, wanted: string | undefined, state: RateState | undefined) {
  const stream = wanted ?? (await onlyStream(store, "gaps"));
  const seconds = state === undefined ? LOOK_BACK_SECONDS : CATCH_UP_SECONDS;
  const reading = stream && (await store.read({ stream, seconds, from: state?.second }));
  if (stream === undefined || !reading) throw await nothingStored(store, "gaps", stream);
  // Stream time before what was told already: the store was emptied and begins anew.
  if (state === undefined || secondOf(reading.time) >= state.second) return { stream, reading };
  return look(store, stream, { ...state, second: secondOf(reading.time) - CATCH_UP_SECONDS });
}

function recordsOf(stream: string, reading: Reading, state: RateState | undefined): RateRecord[] {
  if (state !== undefined) return ratesOf(stream, reading, state.newest);
  return [rateOf(stream, reading, releasedIn(reading.completed))];
}

/** Takes the state's lock. @throws ToolError (unavailable) while another run has it. */
function locked(path: string) {
  const lockPath = `${resolve(path)}.lock`;
  try {
    const lock = tryLock(lockPath);
    if (lock !== undefined) return lock;
  } catch (error) {
    if (systemCode(error) === "ENOENT") throw fileError(dirname(lockPath), "create", error);
    throw error;
  }
  throw new ToolError(
    "unavailable",
    `${path}: process ${lockHolder(lockPath)} is using it; run this again when it ended`,
  );
}
