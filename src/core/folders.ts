import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileError, systemCode } from "./errors.ts";

/** Makes a folder that is its owner's alone, and those above it. @throws ToolError (permission, cannotCreate). */
export function makeFolder(folder: string): void {
  try {
    makeWithParents(folder);
  } catch (error) {
    throw fileError(folder, "create", error);
  }
}

/** Not mkdir's `recursive`: in a folder such as /proc, which takes none and says that it is not there, that never ends. */
function makeWithParents(folder: string): void {
  if (isFolder(folder)) return;
  if (dirname(folder) !== folder) makeWithParents(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if (systemCode(error) !== "EEXIST" || !isFolder(folder)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
