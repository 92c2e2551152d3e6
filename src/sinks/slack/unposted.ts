import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { readIfThere, removeIfThere, writeAtomically } from "../../core/durable.ts";
import { fileError, reasonOf, ToolError } from "../../core/errors.ts";
import { type FileLock, tryLock } from "../../core/lock.ts";
import type { Log } from "../../core/log.ts";
import type { Spool } from "./spool.ts";

/** Processes that can keep their counts in one outbox at a time; what more there are lose theirs in a crash. */
const SLOTS_MAX = 8;
/** Least time between two writes, ms: so much of the counts a crash can cost. */
const WRITE_MS_MIN = 1000;

/**
 * What a process counts and has not put into the spool yet (repeats, what is held back), on the disk beside it, as the
 * records that would tell it: `unposted-N.ndjson`, for the next process to find should this one crash.
 */
export interface Unposted {
  /** Keeps what `lines` gives, which is all there is; now and then. Never throws: what fails is told once. */
  keep(lines: () => readonly Buffer[]): void;
  /** Everything is in the spool. */
  clear(): void;
  /** Leaves what is kept to others. */
  close(): void;
}

interface Slot {
  readonly path: string;
  readonly lock: FileLock;
}

export function unposted(
  folder: string,
  { clock, log }: { clock: Pick<Clock, "elapsed">; log: Log },
): Unposted {
  let slot: Slot | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let written = "";
  let told = false;

  function write(text: string): void {
    if (text === written) return;
    slot ??= freeSlot(folder);
    if (slot === undefined) return;
    if (text === "") removeIfThere(slot.path);
    else writeAtomically(slot.path, text);
    written = text;
  }

  function tellOnce(error: unknown): void {
    if (!told) log.warning(`repeats are counted in memory alone, a crash loses them: ${reasonOf(error)}`);
    told = true;
  }

  function tryWrite(text: string): void {
    try {
      write(text);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      tellOnce(error);
    }
  }

  return {
    keep(lines) {
      const now = clock.elapsed();
      if (now < writtenAt + WRITE_MS_MIN) return;
      writtenAt = now;
      tryWrite(
        lines()
          .map((line) => `${line.toString("utf8")}\n`)
          .join(""),
      );
    },
    clear: () => tryWrite(""),
    close() {
      slot?.lock.release();
      slot = undefined;
    },
  };
}

const slotName = (number: number) => `unposted-${number}`;

/** One that no living process has, and in which nothing waits to be adopted. */
function freeSlot(folder: string): Slot | undefined {
  for (let number = 0; number < SLOTS_MAX; number++) {
    const lock = tryLock(join(folder, slotName(number)));
    if (lock === undefined) continue;
    const path = join(folder, `${slotName(number)}.ndjson`);
    if (readIfThere(path) === undefined) return { path, lock };
    lock.release();
  }
  return undefined;
}

/**
 * Puts into the spool what crashed processes had counted, once the lock shows that they are gone.
 * @throws ToolError (io, permission, unavailable) as the spool does.
 */
export async function adoptUnposted(spool: Spool): Promise<void> {
  for (const name of namesIn(spool.folder).sort()) {
    const slot = /^(unposted-\d+)\.ndjson$/.exec(name)?.[1];
    const lock = slot === undefined ? undefined : tryLock(join(spool.folder, slot));
    if (lock === undefined) continue;
    try {
      const path = join(spool.folder, name);
      const lines = (readIfThere(path) ?? "").split("\n").filter((line) => line !== "");
      const { dropped } = await spool.append(lines.map((line) => Buffer.from(line)));
      // What a full spool does not take waits on.
      if (dropped === 0) removeIfThere(path);
      else
        writeAtomically(
          path,
          lines
            .slice(-dropped)
            .map((line) => `${line}\n`)
            .join(""),
        );
    } finally {
      lock.release();
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw fileError(folder, "read", error);
  }
}
