import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileError, systemCode, ToolError } from "./errors.ts";
import { writeWhole } from "./output.ts";

/**
 * Replaces a file in one step: a reader, or a crash, finds the old text or the new one, whole.
 *
 * Written aside in the same folder, synced, renamed, and the folder synced.
 * @throws ToolError (permission, cannotCreate, io).
 */
export function writeAtomically(path: string, text: string): void {
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  let descriptor: number;
  try {
    descriptor = openSync(aside, "w", 0o600);
  } catch (error) {
    throw fileError(path, "create", error);
  }
  try {
    try {
      writeWhole(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(aside, path);
    syncFolder(dirname(path));
  } catch (error) {
    removeQuietly(aside);
    throw fileError(path, "write", error);
  }
}

/** Opens a file to append to, making it where there is none. @throws ToolError (cannotCreate, permission). */
export function openForAppending(path: string): number {
  try {
    return openSync(path, "a");
  } catch (error) {
    throw fileError(path, "create", error);
  }
}

/** Appends bytes and waits until the disk has them. @throws ToolError (io, permission). */
export function appendDurably(descriptor: number, path: string, bytes: Buffer): void {
  try {
    writeWhole(descriptor, bytes);
    fsyncSync(descriptor);
  } catch (error) {
    throw fileError(path, "write", error);
  }
}

/** The text of a file, or undefined where there is none. @throws ToolError (io, permission). */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fileError(path, "read", error);
  }
}

/** Removes a file; one that is gone already is fine. @throws ToolError (io, permission). */
export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw fileError(path, "write", error);
  }
}

/**
 * The text of a file that is to be replaced by a later run of it, or undefined where there is none or it is empty.
 * @throws ToolError (usage) for a folder or a device, /dev/null first of all, which would be replaced too.
 */
export function readReplaceable(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() === false) {
    throw new ToolError("usage", `${path}: expected a file that can be replaced, got a folder or a device`);
  }
  const text = readIfThere(path);
  return text?.trim() === "" ? undefined : text;
}

/** A new name in a folder survives a crash only once the folder itself is synced. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was renamed, or never made.
  }
}
