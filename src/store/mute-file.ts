import { statSync } from "node:fs";
import { Option } from "../core/cli.ts";
import { readIfThere } from "../core/durable.ts";
import { reasonOf, ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { isMuted, type Mute, parseMutes } from "../detect/mutes.ts";
import type { WatchesOptions } from "../detect/watches.ts";

/** `--mute` of a tool that knows planned silences. */
export const muteOption = () =>
  new Option(
    "--mute <file>",
    "planned silences, one JSON object a line: from, to, and stream, alert, why as you like",
  );

/** Tells what the file of `--mute` covers; without one nothing. @throws ToolError as openMuteFile. */
export function mutesOf(path: string | undefined, log: Log): NonNullable<WatchesOptions["isMuted"]> {
  if (path === undefined) return () => false;
  const mutes = openMuteFile(path, log);
  return (stream, kind, t) => isMuted(mutes.current(), stream, kind, t);
}

/** Planned silences, as the file has them now. */
export interface MuteFile {
  /** Looks whether the file changed, and reads it if so. */
  current(): readonly Mute[];
}

/**
 * Reads a file of planned silences and reads it again when it changes.
 *
 * A file that goes bad while it is watched is reported, and what it held before stays in force.
 * @throws ToolError (configuration, usage) when it cannot be read at the start.
 */
export function openMuteFile(path: string, log: Log): MuteFile {
  let stamp = stampOf(path);
  let mutes = read(path);

  return {
    current() {
      const current = stampOf(path);
      if (current === stamp) return mutes;
      stamp = current;
      try {
        mutes = read(path);
        log.notice(`${path} changed: ${mutes.length} planned silences`, { mutes: mutes.length });
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        log.warning(`${reasonOf(error)}; what it held before stays in force`);
      }
      return mutes;
    },
  };
}

function read(path: string): readonly Mute[] {
  const text = readIfThere(path);
  if (text === undefined) {
    throw new ToolError(
      "usage",
      `--mute: expected a file of planned silences, got ${path}, which is not there`,
    );
  }
  return parseMutes(text, path);
}

/** Changes when the file does; "" where there is none. */
function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}
