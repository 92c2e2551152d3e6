import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { readReplaceable, writeAtomically } from "../core/durable.ts";
import { ToolError } from "../core/errors.ts";
import { lockHolder, tryLock } from "../core/lock.ts";
import type { StateStore } from "./state-store.ts";

/**
 * State in a file, replaced in one step, and a lock beside it (`FILE.lock.N`) for as long as the store is open, so that two
 * runs never work on one state.
 * @throws ToolError (unavailable) while another process holds the lock; (usage) when there is no such folder;
 * (permission, cannotCreate, io) when it cannot be written.
 */
export function openStateFile(path: string): StateStore {
  if (!existsSync(dirname(path))) {
    throw new ToolError("usage", `--state: expected a file in a folder that is there, got ${path}`);
  }
  const lock = tryLock(`${path}.lock`);
  if (lock === undefined) {
    const pid = lockHolder(`${path}.lock`);
    const who = pid === undefined ? "another process" : `another process (pid ${pid})`;
    throw new ToolError(
      "unavailable",
      `${path}: ${who} works on this state; two would tell everything twice`,
      {
        facts: { path, pid },
      },
    );
  }
  return {
    name: path,
    load: async () => readReplaceable(path),
    save: async (text) => writeAtomically(path, `${text}\n`),
    close: async () => lock.release(),
  };
}
