import { closeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { openForAppending, writeAtomically } from "../../core/durable.ts";
import { fileError, systemCode, ToolError } from "../../core/errors.ts";
import { makeFolder } from "../../core/folders.ts";
import { readFileChunks } from "../../core/input.ts";
import { parseObject } from "../../core/json-object.ts";
import { lineSplitter } from "../../core/lines.ts";
import { lockHolder, tryLock } from "../../core/lock.ts";
import { writeWhole } from "../../core/output.ts";
import { IdBook } from "../../profiles/id-book.ts";
import type { IdLog } from "../../profiles/id-log.ts";
import { PROFILE_KINDS, type ProfileKind } from "../../profiles/kinds.ts";
import type { SavedAllowance } from "../../profiles/request-allowance.ts";

const FILE = "ids.ndjson";
/** Ids in one line. */
const LINE_IDS_MAX = 1000;
/** How much longer than after the last rewriting the file may be, besides twice that, bytes. */
const GROWTH_BYTES = 1 << 20;

export interface IdFileOptions {
  /** An id is not asked for again for so long, s. */
  readonly refresh: number;
  readonly clock: Pick<Clock, "now">;
}

/**
 * An IdLog in a folder's `ids.ndjson`, with a lock beside it for as long as it is open. Lines are appended:
 * `{"waits":"members","ids":[…]}`, `{"asked":"members","at":SECONDS,"ids":[…]}`, `{"remaining":N,"until":MS}`; when it
 * has grown, it is written anew, in one step.
 *
 * What is appended outlives the process at once, and the machine some seconds later: who is lost then is seen again, or
 * asked for again.
 * @throws ToolError (unavailable) while another process has it open; (permission, cannotCreate, io).
 */
export async function openIdFile(folder: string, { refresh, clock }: IdFileOptions): Promise<IdLog> {
  makeFolder(folder);
  const path = join(folder, FILE);
  const lock = tryLock(`${path}.lock`);
  if (lock === undefined) {
    const pid = lockHolder(`${path}.lock`);
    const who = pid === undefined ? "another process" : `another process (pid ${pid})`;
    throw new ToolError("unavailable", `${folder}: ${who} asks for these profiles`, {
      facts: { folder, pid },
    });
  }
  const seconds = () => Math.ceil(clock.now() / 1000);
  const books = { members: new IdBook({ refresh }), groups: new IdBook({ refresh }) };
  const seen: Record<ProfileKind, number[]> = { members: [], groups: [] };
  let allowance: SavedAllowance | undefined;
  let bytes = 0;
  let bytesMax = 0;
  let file: number | undefined;

  function append(text: string): void {
    try {
      file ??= openForAppending(path);
      writeWhole(file, text);
    } catch (error) {
      // Half a line may stand there now; what comes next must not be joined to it.
      bytesMax = 0;
      throw error instanceof ToolError ? error : fileError(path, "write", error);
    }
    bytes += text.length;
    if (bytes > bytesMax) rewrite();
  }

  /** Replaces the file by what still counts; what the end of a process cut in two goes with the rest. */
  function rewrite(): void {
    if (file !== undefined) closeSync(file);
    file = undefined;
    const text = textOf(books, allowance, seconds());
    writeAtomically(path, text);
    bytes = text.length;
    bytesMax = 2 * bytes + GROWTH_BYTES;
  }

  try {
    await readKept(path, books, (saved) => {
      allowance = saved;
    });
    rewrite();
  } catch (error) {
    lock.release();
    throw error;
  }

  return {
    books,
    allowance: {
      load: () => allowance,
      save(saved) {
        allowance = saved;
        append(allowanceLine(saved));
      },
    },
    see(kind, id) {
      const isNew = books[kind].see(id, seconds());
      if (isNew) seen[kind].push(id);
      return isNew;
    },
    flush() {
      let text = "";
      for (const kind of PROFILE_KINDS) {
        text += waitLines(kind, seen[kind]);
        seen[kind] = [];
      }
      if (text !== "") append(text);
    },
    settle(kind, ids) {
      const at = seconds();
      books[kind].settle(ids, at);
      append(askedLines(kind, at, ids));
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
      lock.release();
    },
  };
}

/** Reads what earlier runs kept. A line that is none is skipped: the end of a process may have cut it in two. */
async function readKept(
  path: string,
  books: IdLog["books"],
  allowed: (saved: SavedAllowance) => void,
): Promise<void> {
  const splitter = lineSplitter({
    line(buffer, start, end) {
      const fields = parseObject(buffer.toString("utf8", start, end));
      if (typeof fields === "string") return;
      const { waits, asked, at, ids, remaining, until } = fields;
      if (typeof remaining === "number" && typeof until === "number") return allowed({ remaining, until });
      const kind = PROFILE_KINDS.find((name) => name === waits || name === asked);
      if (kind === undefined || !Array.isArray(ids)) return;
      const whole = ids.filter((id): id is number => Number.isSafeInteger(id) && id > 0);
      if (waits !== undefined) for (const id of whole) books[kind].wait(id);
      else if (typeof at === "number") books[kind].settle(whole, at);
    },
    tooLong() {},
  });
  try {
    await readFileChunks(path, (chunk) => splitter.push(chunk), new AbortController().signal);
  } catch (error) {
    if (error instanceof ToolError && systemCode(error.cause) === "ENOENT") return;
    throw error;
  }
  splitter.end();
}

function textOf(books: IdLog["books"], allowance: SavedAllowance | undefined, now: number): string {
  let text = allowance === undefined ? "" : allowanceLine(allowance);
  for (const kind of PROFILE_KINDS) {
    let ids: number[] = [];
    let time = 0;
    for (const [id, at] of books[kind].askedIds(now)) {
      if (at !== time) {
        text += askedLines(kind, time, ids);
        ids = [];
        time = at;
      }
      ids.push(id);
    }
    text += askedLines(kind, time, ids) + waitLines(kind, [...books[kind].waitingIds()]);
  }
  return text;
}

const allowanceLine = ({ remaining, until }: SavedAllowance) => `${JSON.stringify({ remaining, until })}\n`;

const waitLines = (kind: ProfileKind, ids: readonly number[]) =>
  lines(ids, (part) => `{"waits":"${kind}","ids":[${part}]}\n`);

const askedLines = (kind: ProfileKind, at: number, ids: readonly number[]) =>
  lines(ids, (part) => `{"asked":"${kind}","at":${at},"ids":[${part}]}\n`);

function lines(ids: readonly number[], line: (part: readonly number[]) => string): string {
  let text = "";
  for (let from = 0; from < ids.length; from += LINE_IDS_MAX) {
    text += line(ids.slice(from, from + LINE_IDS_MAX));
  }
  return text;
}
