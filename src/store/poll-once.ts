import { dirname, resolve } from "node:path";
import { fileError, systemCode, ToolError } from "../core/errors.ts";
import { lockHolder, tryLock } from "../core/lock.ts";
import { secondOf } from "../core/stream-time.ts";
import { nothingStored, onlyStream } from "./choose-stream.ts";
import { type PollState, readPollState, writePollState } from "./poll-state.ts";
import { CATCH_UP_SECONDS, nextSecond, type PollView } from "./poll-view.ts";
import { StoreAway } from "./store.ts";

/** What a single look without a memory reports, completed seconds. */
const LOOK_BACK_SECONDS = 60;

export interface OnceOptions {
  readonly stream: string | undefined;
  /** File that remembers what was told. */
  readonly state: string | undefined;
}

/** What one look found. */
interface Found<Answer> {
  readonly stream: string;
  readonly answer: Answer;
}

/**
 * Looks once. Without a state, one record of the last 60 completed seconds. With one, a record for each second since
 * the last run, as far back as is kept; what was told is remembered once `deliver` has resolved.
 * @throws ToolError (unavailable) where nothing is stored, or while another run uses the state.
 */
export async function pollOnce<Answer, Told>(
  view: PollView<Answer, Told>,
  { stream: wanted, state: path }: OnceOptions,
  deliver: (records: readonly Told[], remark: string | undefined) => Promise<void>,
): Promise<void> {
  const { kind } = view;
  const lock = path === undefined ? undefined : locked(path);
  try {
    const state = path === undefined ? undefined : readPollState(path, { kind, stream: wanted });
    const { stream, answer } = await look(view, wanted ?? state?.stream, state);
    const records =
      state === undefined ? [view.now(stream, answer)] : view.each(stream, answer, state.newest);
    await deliver(records, view.remark?.(answer));
    if (path === undefined) return;
    const { newest } = view.standing(answer);
    writePollState(path, { kind, stream, second: nextSecond(view, answer, state?.second), newest });
  } catch (error) {
    if (!(error instanceof StoreAway)) throw error;
    throw new ToolError("unavailable", `the store went away: ${error.message}; run it again`, {
      cause: error,
    });
  } finally {
    lock?.release();
  }
}

async function look<Answer, Told>(
  view: PollView<Answer, Told>,
  wanted: string | undefined,
  state: PollState | undefined,
): Promise<Found<Answer>> {
  const stream = wanted ?? (await onlyStream(view));
  const seconds = state === undefined ? LOOK_BACK_SECONDS : CATCH_UP_SECONDS;
  const answer = stream === undefined ? undefined : await view.read({ stream, seconds, from: state?.second });
  if (stream === undefined || answer === undefined) throw await nothingStored(view, stream);
  if (state === undefined || nextSecond(view, answer, state.second) >= state.second) {
    return { stream, answer };
  }
  // The store was emptied and begins anew.
  const second = secondOf(view.standing(answer).time) - CATCH_UP_SECONDS;
  return look(view, stream, { ...state, second });
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
