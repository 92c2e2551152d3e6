import { dirname, resolve } from "node:path";
import { fileError, systemCode, ToolError } from "../core/errors.ts";
import { inTurns } from "../core/in-turns.ts";
import { lockHolder, tryLock } from "../core/lock.ts";
import { secondOf } from "../core/stream-time.ts";
import { STREAMS_MAX } from "../core/streams.ts";
import {
  chosenStreams,
  nothingOf,
  nothingStored,
  type StreamChoice,
  tooManyStreams,
} from "./choose-stream.ts";
import { type Mark, type Marks, readMarks, writePollState } from "./poll-state.ts";
import { CATCH_UP_SECONDS, nextSecond, type PollView, READINGS_MAX } from "./poll-view.ts";
import { StoreAway } from "./store.ts";
import { ENDED_SECONDS } from "./stream-poll.ts";

/** What a single look without a memory reports, completed seconds. */
const LOOK_BACK_SECONDS = 60;

export interface OnceOptions {
  readonly choice: StreamChoice;
  /** File that remembers what was told. */
  readonly state: string | undefined;
}

/** What one look found of a stream. */
interface Found<Answer> {
  readonly stream: string;
  readonly answer: Answer;
}

/**
 * Looks once at each stream of a choice. Without a state, one record a stream of the last 60 completed seconds. With
 * one, a record for each second since the last run, as far back as is kept, and for each that is kept of a stream that
 * the last run did not find; what was told is remembered once `deliver` has resolved. Records come stream after
 * stream, sorted by name. A stream that is not there holds up no other.
 * @throws ToolError (unavailable) where nothing is stored, or while another run uses the state.
 */
export async function pollOnce<Answer, Told>(
  view: PollView<Answer, Told>,
  { choice, state: path }: OnceOptions,
  deliver: (records: readonly Told[], remarks: readonly string[]) => Promise<void>,
): Promise<void> {
  const { kind } = view;
  const lock = path === undefined ? undefined : locked(path);
  try {
    const before = path === undefined ? undefined : readMarks(path, { kind, choice });
    const { found, remarks } = await lookAround(view, choice, before);
    const records = found.flatMap(({ stream, answer }) =>
      before === undefined
        ? [view.now(stream, answer)]
        : view.each(stream, answer, before.get(stream)?.newest),
    );
    await deliver(records, remarks);
    if (path !== undefined) writePollState(path, { kind, marks: marksOf(view, found, before) });
  } catch (error) {
    if (!(error instanceof StoreAway)) throw error;
    throw new ToolError("unavailable", `the store went away: ${error.message}; run it again`, {
      cause: error,
    });
  } finally {
    lock?.release();
  }
}

/** Looks at all streams of a choice at once. @throws ToolError (unavailable) where none of them is there. */
async function lookAround<Answer>(
  view: PollView<Answer, unknown>,
  choice: StreamChoice,
  before: Marks | undefined,
): Promise<{ readonly found: readonly Found<Answer>[]; readonly remarks: readonly string[] }> {
  // The only stream stays the same one, though others have appeared since the last run.
  const isSettled = choice.kind === "only" && before !== undefined;
  const names = isSettled ? [...before.keys()] : await chosenStreams(view, choice);
  const [taken, left] = [names.slice(0, STREAMS_MAX), names.slice(STREAMS_MAX)];
  const answers = await inTurns(taken, READINGS_MAX, (stream) => look(view, stream, before));
  const there = taken.flatMap((stream, i) => {
    const answer = answers[i];
    return answer === undefined ? [] : [{ stream, answer }];
  });
  // Of all streams, those that ended long before the first run are nobody's business, unless there is no other.
  const goingOn = there.filter(
    ({ stream, answer }) => before?.has(stream) === true || view.standing(answer).stale <= ENDED_SECONDS,
  );
  const found = choice.kind === "all" && goingOn.length > 0 ? goingOn : there;
  if (found.length === 0) throw await nothingStored(view, names);
  const missing = taken.filter((_, i) => answers[i] === undefined);
  const remarks = found.flatMap(({ stream, answer }) => view.remark?.(stream, answer) ?? []);
  if (missing.length > 0) remarks.unshift(`${nothingOf(missing)}; the others are told`);
  if (left.length > 0) remarks.unshift(tooManyStreams(left));
  return { found, remarks };
}

async function look<Answer>(
  view: PollView<Answer, unknown>,
  stream: string,
  before: Marks | undefined,
): Promise<Answer | undefined> {
  if (before === undefined) return view.read({ stream, seconds: LOOK_BACK_SECONDS });
  const from = before.get(stream)?.second;
  const answer = await view.read({ stream, seconds: CATCH_UP_SECONDS, from });
  if (answer === undefined || from === undefined || nextSecond(view, answer, from) >= from) return answer;
  // The store was emptied and begins anew.
  const anew = secondOf(view.standing(answer).time) - CATCH_UP_SECONDS;
  return view.read({ stream, seconds: CATCH_UP_SECONDS, from: anew });
}

/** The marks after a run. A stream that was not found this time keeps its own, as long as there is room. */
function marksOf<Answer>(
  view: PollView<Answer, unknown>,
  found: readonly Found<Answer>[],
  before: Marks = new Map(),
): Marks {
  const marks = new Map<string, Mark>();
  for (const { stream, answer } of found) {
    const { newest } = view.standing(answer);
    marks.set(stream, { second: nextSecond(view, answer, before.get(stream)?.second), newest });
  }
  for (const [stream, mark] of before) {
    if (!marks.has(stream) && marks.size < STREAMS_MAX) marks.set(stream, mark);
  }
  return marks;
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
