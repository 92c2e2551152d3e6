import type { FileHandle } from "node:fs/promises";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { readIfThere, syncFolder } from "../../core/durable.ts";
import { fileError } from "../../core/errors.ts";
import { makeFolder } from "../../core/folders.ts";
import { inTurns } from "../../core/in-turns.ts";
import { parseObject } from "../../core/json-object.ts";
import type { DocumentMerge, DocumentStore, Refused } from "../../profiles/document-store.ts";
import { merged, withoutEmpty } from "./fields.ts";

/** Documents that are written at a time: the disk syncs several as fast as one. */
const HANDS = 8;
/** Where files stand until they are whole. */
const ASIDE = ".new";
/** A file that stands there for so long was left by a process that was killed, ms. */
const LEFT_MS = 3_600_000;
const NAME = /^[A-Za-z0-9][\w.-]{0,199}$/;

/**
 * Documents as files, `FOLDER/COLLECTION/ID.json`, each replaced in one step and synced; one whose fields are the same
 * already is left alone. Holds one batch.
 * @throws ToolError (permission, cannotCreate) when the folder cannot be made or written.
 */
export async function folderDocuments(folder: string): Promise<DocumentStore> {
  const aside = join(folder, ASIDE);
  makeFolder(folder);
  makeFolder(aside);
  await sweep(aside);
  let written = 0;
  const own = `${crypto.randomUUID()}`;

  /** @returns whether the file is another than before, or why the document is refused. */
  async function mergeOne({ collection, id, fields }: DocumentMerge): Promise<boolean | string> {
    if (!NAME.test(collection) || !NAME.test(id)) return "its name is none for a file";
    const path = join(folder, collection, `${id}.json`);
    const before = readIfThere(path);
    const old = before === undefined ? {} : parseObject(before);
    if (typeof old === "string") return `${path}: ${old}; mend or remove it`;
    const text = `${JSON.stringify(merged(old, withoutEmpty(fields)))}\n`;
    if (text === before) return false;
    await replace(path, join(aside, `${own}-${written++}`), text);
    return true;
  }

  return {
    name: folder,
    async merge(documents) {
      const collections = [...new Set(documents.map(({ collection }) => collection))];
      for (const name of collections) if (NAME.test(name)) makeFolder(join(folder, name));
      const refused: Refused[] = [];
      const changed = new Set<string>();
      await inTurns(documents, HANDS, async (document) => {
        const outcome = await mergeOne(document);
        if (outcome === true) changed.add(document.collection);
        else if (typeof outcome === "string") refused.push({ document, reason: outcome });
      });
      for (const name of changed) syncNames(join(folder, name));
      return refused;
    },
    async check() {
      const path = join(aside, `${own}-${written++}`);
      await replace(path, `${path}-probe`, "{}\n");
      await rm(path, { force: true });
    },
    close: async () => {},
  };
}

/**
 * Writes a text aside, syncs it, and puts it in its place. A file that could not be written is taken away.
 * Not core's writeAtomically: several are synced at a time, and their folder once for all of them.
 */
async function replace(path: string, aside: string, text: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(aside, "w", 0o600);
  } catch (error) {
    throw fileError(path, "create", error);
  }
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw fileError(path, "write", error);
  }
}

function syncNames(folder: string): void {
  try {
    syncFolder(folder);
  } catch (error) {
    throw fileError(folder, "write", error);
  }
}

/** Removes what processes that were killed left half written. */
async function sweep(aside: string): Promise<void> {
  for (const name of await readdir(aside)) {
    const path = join(aside, name);
    try {
      const { mtimeMs } = await stat(path);
      if (systemClock.now() - mtimeMs > LEFT_MS) await rm(path, { force: true });
    } catch {
      // Another process removed it.
    }
  }
}
