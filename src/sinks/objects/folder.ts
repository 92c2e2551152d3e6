import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { opendir, readFile, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { syncFolder } from "../../core/durable.ts";
import { fileError, systemCode } from "../../core/errors.ts";
import { makeFolder } from "../../core/folders.ts";
import { inTurns } from "../../core/in-turns.ts";
import { writeWhole } from "../../core/output.ts";
import type { NewObject, ObjectStore, Put, StoredObject } from "./object-store.ts";

/** Files that are open at a time, waiting to be synced together: the disk's journal takes them in one go. */
const GROUP_MAX = 256;
/** Files that are read, or removed, at a time. */
const LOOKS_MAX = 32;
/** Who may look into an archive is for the process's umask to say. */
const FOLDER_MODE = 0o777;
/** What begins so is being written, or was when its writer was killed. */
const ASIDE = ".new-";
/** Such files this old are nobody's any more, ms: a group is written in far less. */
const ASIDE_MS = 60_000;

const sync = promisify(fsync);

/**
 * Objects as files below a folder.
 *
 * Each is written aside in its folder, synced, and then linked to its name, which fails where the name is taken; so a
 * name is there whole or not at all, after a loss of power too. Files are synced in groups of up to 256, side by side, and
 * their folder once a call. What a killed run left aside is removed by a later one.
 */
export function folderObjects(path: string): ObjectStore {
  const root = resolve(path);
  const token = randomBytes(4).toString("hex");
  let written = 0;
  const ready = new Set<string>();

  /** Makes a folder, so that it outlives a crash, and removes what was left in it. */
  function prepare(folder: string): void {
    if (ready.has(folder)) return;
    makeFolder(folder, FOLDER_MODE);
    removeLeftovers(folder);
    ready.add(folder);
  }

  /** Writes one aside. @returns its open descriptor. */
  function writeAside(path: string, bytes: Buffer): number {
    let descriptor: number;
    try {
      descriptor = openSync(path, "wx");
    } catch (error) {
      throw writingError(path, error);
    }
    try {
      writeWhole(descriptor, bytes);
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      remove(path);
      throw writingError(path, error);
    }
  }

  async function putGroup(objects: readonly NewObject[]): Promise<Put[]> {
    const puts: Put[] = [];
    const aside: { readonly i: number; readonly path: string; readonly descriptor: number }[] = [];
    try {
      for (const [i, { name, bytes }] of objects.entries()) {
        const path = join(root, name);
        prepare(dirname(path));
        const there = comparison(path, bytes);
        if (there !== undefined) puts[i] = there;
        else {
          const temporary = join(dirname(path), `${ASIDE}${token}-${written++}`);
          aside.push({ i, path: temporary, descriptor: writeAside(temporary, bytes) });
        }
      }
      // All of them, also when one failed: a descriptor is closed only when nobody works with it.
      const synced = await Promise.allSettled(aside.map(({ descriptor }) => sync(descriptor)));
      for (const outcome of synced) if (outcome.status === "rejected") throw outcome.reason;
      for (const { i, path } of aside)
        puts[i] = linkNew(path, join(root, objects[i]!.name), objects[i]!.bytes);
    } catch (error) {
      throw writingError(root, error);
    } finally {
      for (const { path, descriptor } of aside) {
        closeSync(descriptor);
        remove(path);
      }
    }
    return puts;
  }

  return {
    shown: path,
    folder: root,
    readsMax: LOOKS_MAX,
    async putAll(objects) {
      const puts: Put[] = [];
      for (let at = 0; at < objects.length; at += GROUP_MAX) {
        puts.push(...(await putGroup(objects.slice(at, at + GROUP_MAX))));
        // Signals are heard between turns only, and names that are all there already wait for nothing.
        await nextTurn();
      }
      // One whose name was there may have been linked by a process that was killed before it synced the folder.
      const folders = new Set(objects.map(({ name }) => dirname(join(root, name))));
      try {
        for (const folder of folders) syncFolder(folder);
      } catch (error) {
        throw writingError(root, error);
      }
      return puts;
    },
    async check() {
      prepare(root);
      const path = join(root, `${ASIDE}${token}-${written++}`);
      closeSync(writeAside(path, Buffer.from("{}")));
      remove(path);
    },
    async read(name) {
      const path = join(root, name);
      try {
        return await readFile(path);
      } catch (error) {
        throw fileError(path, "read", error);
      }
    },
    list: (prefix) => filesBelow(root, prefix),
    async removeAll(names) {
      await inTurns(names, LOOKS_MAX, (name) =>
        unlink(join(root, name)).catch((error: unknown) => {
          if (systemCode(error) !== "ENOENT") throw fileError(join(root, name), "write", error);
        }),
      );
      for (const folder of new Set(names.map((name) => dirname(join(root, name))))) syncFolder(folder);
    },
  };
}

/** "created", or how the one that took the name first compares. */
function linkNew(aside: string, path: string, bytes: Buffer): Put {
  try {
    linkSync(aside, path);
    return "created";
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw writingError(path, error);
    return comparison(path, bytes) ?? "different";
  }
}

/** How a file compares with these bytes; undefined where there is none. */
function comparison(path: string, bytes: Buffer): "identical" | "different" | undefined {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return undefined;
  return there.size === bytes.length && bytes.equals(readFileSync(path)) ? "identical" : "different";
}

/** What failed when writing is told with the folder's name: the file's own, aside, means nothing to anybody. */
function writingError(path: string, error: unknown): Error {
  if (error instanceof Error && error.name === "ToolError") return error;
  return fileError(path.includes(ASIDE) ? dirname(path) : path, "write", error);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or will be removed by a later run.
  }
}

function removeLeftovers(folder: string): void {
  const old = Date.now() - ASIDE_MS;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(ASIDE)) continue;
    const path = join(folder, name);
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? old) < old) remove(path);
  }
}

/** Files whose names do not begin with a point, in folders whose names do not either. */
async function* filesBelow(root: string, prefix: string): AsyncGenerator<StoredObject> {
  const slash = prefix.lastIndexOf("/");
  const from = prefix.slice(0, slash + 1);
  try {
    for await (const entry of await opendir(join(root, from), { bufferSize: 1024 })) {
      if (entry.name.startsWith(".") || !entry.name.startsWith(prefix.slice(slash + 1))) continue;
      const name = `${from}${entry.name}`;
      if (entry.isDirectory()) yield* filesBelow(root, `${name}/`);
      else if (entry.isFile()) {
        const size = await stat(join(root, name)).catch((error: unknown) => {
          if (systemCode(error) !== "ENOENT") throw error;
          return undefined;
        });
        if (size !== undefined) yield { name, bytes: size.size };
      }
    }
  } catch (error) {
    throw fileError(join(root, from), "read", error);
  }
}
