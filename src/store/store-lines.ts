import { type Context, Option } from "../core/cli.ts";
import { systemClock } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { FaultOptions } from "../core/faults.ts";
import { withFaults } from "../core/filter-options.ts";
import { readStdin } from "../core/input.ts";
import { forEachLine } from "../core/line-loop.ts";
import { standardOutput } from "../core/output.ts";
import { formatSpan, parsePositiveSpan } from "../core/spans.ts";
import type { Tally } from "../core/tally.ts";
import { openStore } from "./connect.ts";
import type { RecordCounts } from "./gatherer.ts";
import type { RedisAddress } from "./redis-address.ts";
import type { Store } from "./store.ts";

/** How long a store that is away is waited for after SIGTERM, s: the process has five to end in. */
const HURRY_SECONDS = 4;
const NEWLINE = Buffer.from("\n");

/** Options of a tool that stores what it reads. */
export interface StoreLinesOptions extends FaultOptions {
  readonly redis: RedisAddress;
  readonly pass: boolean;
  /** Seconds. */
  readonly giveUp: number;
}

/** `--pass`. */
export const passOption = () => new Option("--pass", "hand records on, once they are stored").default(false);

/** `--give-up`. */
export const giveUpOption = () =>
  new Option("--give-up <span>", "wait this long at the end for a Redis that is away")
    .argParser(parsePositiveSpan)
    .default(60, "60s");

/** What a BatchWriter does, whatever it writes. */
interface Writer {
  readonly failed: AbortSignal;
  readonly unstored: number;
  keep(lines: Buffer): void;
  send(): void;
  room(): Promise<void> | undefined;
  drain(giveUp: number): Promise<number>;
}

/** What is done with each line. */
export interface Recorder {
  readonly writer: Writer;
  /** Gives what a line holds to the writer. @returns undefined, or why the line is bad. */
  line(buffer: Buffer, start: number, end: number): string | undefined;
  /** While there is something to wait for, lines are not given. */
  held?(): Promise<void> | undefined;
  /** Every line has its newline. */
  isWhole?(): boolean;
  /** The input ended. */
  end?(): void;
}

/** What a recorder is given. */
export interface Recording {
  readonly store: Store;
  /** Hands a record on once it is stored; undefined where `--pass` does not ask for it. */
  readonly pass: ((line: Buffer) => void) | undefined;
  /** For the writer: adds to the tally. */
  stored(counts: RecordCounts): void;
  /** For the writer: writes lines to standard output. */
  release(lines: readonly Buffer[]): Promise<void> | undefined;
}

/**
 * Reads standard input to its end, stores it, and ends when all is stored; what could not be is told.
 * @throws ToolError (unavailable) when the store was never reached, or stays away at the end for longer than `giveUp`.
 */
export async function storeLines(
  options: StoreLinesOptions,
  { context, tally }: { context: Context; tally: Tally },
  begin: (recording: Recording) => Recorder,
): Promise<void> {
  const { log, stop } = context;
  const store = await openStore(options.redis, { clock: systemClock, log, signal: stop.signal });
  const output = standardOutput();
  let passed: Buffer[] = [];
  const recorder = begin({
    store,
    pass: options.pass ? (line) => void passed.push(Buffer.from(line), NEWLINE) : undefined,
    stored(counts) {
      for (const [part, count] of Object.entries(counts)) tally.add(part, count);
    },
    release(lines) {
      for (const text of lines) output.write(text);
      return output.ready();
    },
  });
  const { writer } = recorder;
  const settle = () => {
    writer.keep(Buffer.concat(passed));
    passed = [];
    writer.send();
    return writer.room();
  };
  const ending = AbortSignal.any([stop.signal, output.gone, writer.failed]);
  const read = (take: Parameters<typeof readStdin>[0]) => readStdin(take, ending);
  try {
    await withFaults(context, options, tally, async (tools) => {
      try {
        await forEachLine(read, { ...recorder, settle }, { ...tools, stop: ending });
      } finally {
        // What came before a line that --strict ends at is stored all the same.
        recorder.end?.();
        await finish(writer, settle, { giveUp: options.giveUp, stop: stop.signal }).finally(() => {
          if (writer.unstored > 0) tally.add("not stored", writer.unstored);
        });
      }
      await output.flush();
    });
  } finally {
    await store.close();
  }
}

/** Stores the rest. After SIGTERM the wait is short, also when it comes in the middle. @throws ToolError (unavailable). */
async function finish(
  writer: Writer,
  settle: () => void,
  { giveUp, stop }: { giveUp: number; stop: AbortSignal },
): Promise<void> {
  const hurry = () => void writer.drain(HURRY_SECONDS);
  stop.addEventListener("abort", hurry, { once: true });
  try {
    settle();
    const wait = stop.aborted ? HURRY_SECONDS : giveUp;
    const unstored = await writer.drain(wait);
    if (unstored === 0) return;
    throw new ToolError(
      "unavailable",
      `Redis stayed away for ${formatSpan(wait)} after the end: ${unstored} records were not stored`,
      { facts: { notStored: unstored } },
    );
  } finally {
    stop.removeEventListener("abort", hurry);
  }
}
