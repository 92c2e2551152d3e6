import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "./durable.ts";
import { fileError, systemCode } from "./errors.ts";

/**
 * Makes a folder and those above it, where they are not, so that they survive a crash.
 * @param mode whose they are: their owner's alone, unless another one is given. @throws ToolError (permission, cannotCreate).
 */
export function makeFolder(folder: string, mode = 0o700): void {
  try {
    makeWithParents(folder, mode);
  } catch (error) {
    throw fileError(folder, "create", error);
  }
}

/** Not mkdir's `recursive`: in a folder such as /proc, which takes none and says that it is not there, that never ends. */
function makeWithParents(folder: string, mode: number): void {
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) makeWithParents(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
    syncFolder(dirname(folder));
  } catch (error) {
    // Another process may have been quicker.
    if (systemCode(error) !== "EEXIST" || !isFolder(folder)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
