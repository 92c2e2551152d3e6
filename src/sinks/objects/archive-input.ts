import type { Context } from "../../core/cli.ts";
import { systemClock, timerMs } from "../../core/clock.ts";
import type { FaultOptions } from "../../core/faults.ts";
import { withFaults } from "../../core/filter-options.ts";
import { readStdin } from "../../core/input.ts";
import { forEachLine } from "../../core/line-loop.ts";
import { standardOutput } from "../../core/output.ts";
import { statusLine } from "../../core/status-line.ts";
import { formatCount, type Tally } from "../../core/tally.ts";
import { asLine, eventMessages } from "../../records/event-message.ts";
import { type EventAtHand, eventReader } from "../../records/event-reader.ts";
import type { MessagePaths } from "../../records/message.ts";
import { redactor } from "../../records/redact.ts";
import type { Archiver } from "./archiver.ts";
import type { BatchLimits } from "./batch-keeper.ts";
import { safeName } from "./object-name.ts";
import type { ObjectStore } from "./object-store.ts";
import { openArchiver } from "./open-archiver.ts";

/** How long a store that is away is waited for after SIGTERM, s: a filter reads on for one, and must end within five. */
const HURRY_SECONDS = 3;
const NEWLINE = Buffer.from("\n");

export interface ArchiveInputOptions extends FaultOptions {
  readonly store: ObjectStore;
  /** Of all messages; undefined: each is kept under its stream's name. */
  readonly label: string | undefined;
  readonly batch: BatchLimits | undefined;
  readonly redact: readonly string[];
  readonly pass: boolean;
  /** How long a store that is away is waited for at the end, s. */
  readonly giveUp: number;
  readonly stream: string;
  /** Given: lines are raw messages. */
  readonly paths: MessagePaths | undefined;
  /** Told of each label once, when its first message comes. */
  readonly labelled: (label: string) => void;
}

/**
 * Reads standard input to its end and keeps its messages; ends when all are kept.
 * @throws ToolError (unavailable, io, permission, …) when not all could be.
 */
export async function archiveInput(
  options: ArchiveInputOptions,
  { context, tally }: { context: Context; tally: Tally },
): Promise<void> {
  const { log, stop } = context;
  const output = standardOutput();
  const archiver = openArchiver({
    store: options.store,
    batch: options.batch,
    clock: systemClock,
    log,
    stored({ archived, there }) {
      tally.add("archived", archived);
      tally.add("already there", there);
    },
    release(lines) {
      for (const line of lines) output.write(line);
      return output.ready();
    },
  });
  const line = lineReader(options, archiver, tally);
  const settle = () => {
    archiver.send();
    return archiver.room();
  };
  const ending = AbortSignal.any([stop.signal, output.gone, archiver.failed]);
  const close = statusLine(
    context,
    () =>
      `${formatCount(tally.count("archived"))} archived, ${formatCount(tally.count("already there"))} already there, ${formatCount(archiver.unstored)} on their way, ${formatCount(tally.count("bad"))} bad`,
  );
  await withFaults(context, options, tally, async (tools) => {
    try {
      await forEachLine(
        (take) => readStdin(take, ending),
        { line: line.read, settle },
        { ...tools, stop: ending },
      );
    } finally {
      // What came before a line that --strict ends at is kept all the same.
      line.end();
      await finish(archiver, options.giveUp, stop.signal).finally(() => {
        if (archiver.unstored > 0) tally.add("not stored", archiver.unstored);
        close();
      });
    }
    await output.flush();
  });
}

/** Gives the messages of lines to the archive. */
function lineReader(
  { label, redact, pass, stream, paths, labelled }: ArchiveInputOptions,
  archiver: Archiver,
  tally: Tally,
) {
  const isRaw = paths !== undefined;
  const messageIn = eventMessages();
  const hide = redact.length > 0 ? redactor(redact) : undefined;
  const labels = new Map<string, string>();
  const labelOf = (name: string) => {
    let known = labels.get(name);
    if (known === undefined) {
      known = label ?? safeName(name);
      labels.set(name, known);
      labelled(known);
    }
    return known;
  };
  let fault: string | undefined;
  /** The line as it was read, for those behind us. */
  const handOn = (line: Buffer) => {
    if (pass) archiver.pass(Buffer.concat([line, NEWLINE]));
  };

  function keep({ stream: name, t, id, line }: EventAtHand): void {
    const whole = line();
    const message = isRaw ? whole : messageIn(whole);
    const bytes = isRaw || hide === undefined || message === undefined ? message : hide(message);
    if (bytes === undefined) {
      fault = "expected a JSON object of at most 512 levels in event, got something else";
      return;
    }
    archiver.push({ label: labelOf(name), id: id(), t, bytes });
    handOn(whole);
  }
  const reader = eventReader(
    { stream, paths },
    {
      event: keep,
      tick({ line }) {
        tally.add("ticks");
        handOn(line());
      },
      ignored: () => tally.add("ignored"),
      ahead: () => tally.add("ahead"),
    },
  );
  return {
    read(buffer: Buffer, start: number, end: number): string | undefined {
      fault = undefined;
      // Raw ones are redacted first, so that what is to be hidden does not come back as an id.
      const hidden = isRaw && hide !== undefined ? hide(buffer.subarray(start, end)) : undefined;
      const outcome =
        hidden === undefined
          ? reader.line(buffer, start, end)
          : reader.line(asLine(hidden), 0, hidden.length);
      return outcome ?? fault;
    },
    end: reader.end,
  };
}

/** Keeps the rest. After SIGTERM the wait is short, also when it comes in the middle. */
async function finish(archiver: Archiver, giveUp: number, stop: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const abortAfter = (seconds: number) =>
    timers.push(setTimeout(() => late.abort(), timerMs(seconds * 1000)));
  const hurry = () => void abortAfter(HURRY_SECONDS);
  stop.addEventListener("abort", hurry, { once: true });
  abortAfter(stop.aborted ? HURRY_SECONDS : giveUp);
  try {
    await archiver.drain(late.signal);
  } finally {
    stop.removeEventListener("abort", hurry);
    for (const timer of timers) clearTimeout(timer);
  }
}
