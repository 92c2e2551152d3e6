import { Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Watches } from "../detect/watches.ts";
import type { RedisAddress } from "./redis-address.ts";
import { openStateFile } from "./state-file.ts";
import { openStateRedis } from "./state-redis.ts";
import type { StateStore } from "./state-store.ts";

export interface WatchStateOptions {
  /** A file, or `redis`; undefined where nothing is remembered. */
  readonly state?: string | undefined;
  readonly redis: RedisAddress;
  readonly stream: string;
}

/** `--state` of a tool that watches. */
export const watchStateOption = () =>
  new Option("--state <file>", "remember between runs, in FILE or in redis").argParser(parseState);

function parseState(text: string): string {
  if (text !== "") return text;
  throw new ToolError("usage", 'expected a file, or redis, got ""');
}

/** Opens what is remembered. @throws ToolError as its place does; also where another process works on it. */
export async function openWatchState(
  options: WatchStateOptions,
  signal: AbortSignal,
): Promise<StateStore | undefined> {
  const { state, redis, stream } = options;
  if (state === undefined) return undefined;
  if (state !== "redis") return openStateFile(state);
  return openStateRedis({ address: redis, tool: "check-detect", stream, clock: systemClock, signal });
}

/**
 * Goes on where the last run ended; what is no longer watched is let go, with a warning.
 * @throws ToolError (badInput) for a state that is damaged.
 */
export async function takeUpState(state: StateStore, watches: Watches, log: Log): Promise<void> {
  const text = await state.load();
  if (text === undefined) return;
  let forgotten: readonly string[];
  try {
    forgotten = watches.restore(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof ToolError || error instanceof SyntaxError)) throw error;
    throw new ToolError(
      "badInput",
      `${state.name}: ${error instanceof ToolError ? reasonOf(error) : "expected JSON, got something else"}; move it away to start anew`,
      { cause: error },
    );
  }
  if (forgotten.length > 0) {
    log.warning(`${state.name}: no longer watched, so its state is let go: ${forgotten.join(", ")}`);
  }
}
