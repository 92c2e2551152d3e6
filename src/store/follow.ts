import { type Context, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import { recordOutput } from "../core/ndjson-output.ts";
import { standardOutput } from "../core/output.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import { Tally } from "../core/tally.ts";
import { openStore } from "./connect.ts";
import { pollOnce } from "./poll-once.ts";
import { pollStream } from "./poll-stream.ts";
import type { PollView } from "./poll-view.ts";
import type { RedisAddress } from "./redis-address.ts";
import type { Store } from "./store.ts";
import { choiceOf } from "./streams-option.ts";

/** How a tool looks at the store. */
export interface FollowOptions {
  readonly redis: RedisAddress;
  /** Names that were given, if any. */
  readonly stream?: readonly string[] | undefined;
  /** Seconds of wall time between two looks. */
  readonly every: number;
  readonly once: boolean;
  readonly state?: string | undefined;
}

/** `--state`: what a run leaves for the next one. */
export const stateOption = () =>
  new Option(
    "--state <file>",
    "with --once: tell each second since the last run, which FILE remembers",
  ).argParser(parseFile);

function parseFile(text: string): string {
  if (text !== "") return text;
  throw new ToolError("usage", 'expected a file, got ""');
}

/** `--every` of a tool that polls. */
export const everyOption = () =>
  new Option("--every <span>", "how often to look").argParser(parsePositiveSpan).default(1, "1s");

/** @throws ToolError (usage) for options that contradict one another. */
export function checkFollowing({
  stdin,
  once,
  state,
}: Pick<FollowOptions, "once" | "state"> & { readonly stdin: boolean }): void {
  const refuse = (message: string) => {
    throw new ToolError("usage", message);
  };
  if (stdin && once) refuse("--stdin reads to the end of its input; --once is for Redis: give one of them");
  if (state !== undefined && !once) refuse("--state goes with --once");
}

/**
 * Tells on standard output what a view sees: again and again until a signal or the reader's end, or once.
 * @throws ToolError (unavailable) when the store is not there; what `pollOnce` and `pollStream` throw.
 */
export async function followStore<Answer, Told extends object>(
  { redis, stream, state, every, once }: FollowOptions,
  viewOf: (store: Store) => PollView<Answer, Told>,
  { log, stop, conclude }: Context,
): Promise<void> {
  const store = await openStore(redis, { clock: systemClock, log, signal: stop.signal });
  const view = viewOf(store);
  const choice = choiceOf(stream);
  const output = standardOutput();
  const records = recordOutput(output);
  try {
    if (once) {
      await pollOnce(view, { choice, state }, async (all, remarks) => {
        for (const record of all) records.write(record);
        await records.end();
        for (const remark of remarks) log.warning(remark);
      });
      return;
    }
    const tally = new Tally("readings", "polls");
    conclude(tally);
    const ending = AbortSignal.any([stop.signal, output.gone]);
    await pollStream(view, { every, choice }, { clock: systemClock, log, tally, records, ending });
    await records.end();
  } finally {
    await store.close();
  }
}
