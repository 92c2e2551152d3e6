import { closeSync } from "node:fs";
import { openForAppending } from "./durable.ts";
import { fileError, ToolError } from "./errors.ts";
import type { Log } from "./log.ts";
import { writeWhole } from "./output.ts";
import type { Tally } from "./tally.ts";

/** How much of a bad line a message shows, characters. */
const EXCERPT_CHARS = 60;
/** How much of a bad line a rejects file keeps, bytes. */
const REJECT_BYTES = 4096;
/** Reasons that are reported one by one; further ones share a line. */
const REASONS_MAX = 32;
/** Repeats of one reason are folded into a line at 10, 100, 1000 …. */
const isRound = (count: number) => /^10+$/.test(String(count));

export interface FaultOptions {
  /** End at the first bad line (65). */
  readonly strict: boolean;
  /** File that keeps `{"line","reason","text"}` of each bad line. */
  readonly rejects?: string | undefined;
}

/** Bad input of one run: reported, folded, counted as `bad`, kept. */
export interface Faults {
  /**
   * One bad line. @param reason what was expected and what was got.
   * @throws ToolError (badInput) under `strict`; (io) when the rejects file cannot be written.
   */
  report(line: number, reason: string, text: Buffer): void;
  /** Says how often folded reasons came again and closes the rejects file. */
  end(): void;
}

/** Holds one count for each of at most 32 reasons. @throws ToolError (cannotCreate, permission) for the rejects file. */
export function faults(log: Log, tally: Tally, options: FaultOptions): Faults {
  const seen = new Map<string, number>();
  // Opened at the start: a wrong path is told before an hour of work, not after.
  let descriptor = options.rejects === undefined ? undefined : openForAppending(options.rejects);

  function keep(line: number, reason: string, text: Buffer): void {
    if (descriptor === undefined) return;
    const record = { line, reason, text: text.toString("utf8", 0, REJECT_BYTES) };
    try {
      writeWhole(descriptor, `${JSON.stringify(record)}\n`);
    } catch (error) {
      throw fileError(options.rejects!, "write", error);
    }
  }

  return {
    report(line, reason, text) {
      tally.add("bad");
      keep(line, reason, text);
      const message = `line ${line}: ${reason}: ${excerpt(text)}`;
      if (options.strict)
        throw new ToolError("badInput", `${message} (--strict)`, { facts: { line, reason } });
      const key = seen.has(reason) || seen.size < REASONS_MAX ? reason : "other faults";
      const count = (seen.get(key) ?? 0) + 1;
      seen.set(key, count);
      if (count === 1) log.warning(message, { line, reason });
      else if (isRound(count))
        log.warning(`line ${line}: ${key} (${count} times so far)`, { line, reason, count });
    },
    end() {
      for (const [reason, count] of seen) {
        if (count > 1 && !isRound(count)) log.warning(`${reason} (${count} times in all)`, { reason, count });
      }
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** How a line begins, printable and short. */
export function excerpt(text: Buffer): string {
  const head = text.toString("utf8", 0, EXCERPT_CHARS * 4);
  // Control characters would let a stream write on the operator's terminal.
  const clean = head.replace(/[\p{Cc}\p{Cf}]/gu, "·");
  return clean.length > EXCERPT_CHARS ? `${clean.slice(0, EXCERPT_CHARS)}…` : clean;
}
