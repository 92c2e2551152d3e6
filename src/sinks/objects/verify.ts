import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { reasonOf, ToolError } from "../../core/errors.ts";
import { inTurns } from "../../core/in-turns.ts";
import { parseObject } from "../../core/json-object.ts";
import { lineSplitter } from "../../core/lines.ts";
import { type MessagePaths, messageReader } from "../../records/message.ts";
import type { ArchiveEntry } from "./archive-index.ts";
import { batchPieces } from "./batch-reader.ts";
import { safeName, sha256 } from "./object-name.ts";
import type { ObjectStore } from "./object-store.ts";

/** Entries that are begun at a time; of batches fewer are read at a time, for they are large. */
const LOAD = 256;
const NEWLINE = Buffer.from("\n");

export interface VerifyOptions {
  readonly store: ObjectStore;
  readonly entries: readonly ArchiveEntry[];
  /** Where the messages of a label have their time and id; undefined where nobody knows. */
  readonly pathsOf: (label: string) => MessagePaths | undefined;
  readonly stop: AbortSignal;
  /** Told of each entry in turn. @param fault undefined, or what is wrong with it. */
  readonly checked: (entry: ArchiveEntry, fault: string | undefined) => void;
}

/**
 * Reads an archive back and checks each entry: JSON, a name that agrees with time, id and hash of what it holds, and
 * batches that are whole and in order. Holds some objects, or a piece of a batch.
 */
export async function verifyArchive({
  store,
  stop,
  checked,
  pathsOf,
  ...rest
}: VerifyOptions): Promise<void> {
  const check = async (entry: ArchiveEntry): Promise<string | undefined> => {
    try {
      if (entry.kind === "batch") return await batchFault({ store, stop }, entry, pathsOf(entry.label));
      return objectFault(entry, await store.read(entry.name, stop), pathsOf(entry.label));
    } catch (error) {
      // What cannot be read is a fault of this one; a store that is away is a fault of none.
      if (error instanceof ToolError && error.kind !== "unavailable") return reasonOf(error);
      throw error;
    }
  };
  for (let at = 0; at < rest.entries.length && !stop.aborted; at += LOAD) {
    const load = rest.entries.slice(at, at + LOAD);
    const objects = load.filter(({ kind }) => kind === "object");
    const faults = await inTurns(objects, store.readsMax, check);
    for (const [i, entry] of objects.entries()) checked(entry, faults[i]);
    for (const batch of load.filter(({ kind }) => kind === "batch")) checked(batch, await check(batch));
  }
}

type ObjectEntry = Extract<ArchiveEntry, { kind: "object" }>;
type BatchEntry = Extract<ArchiveEntry, { kind: "batch" }>;

function objectFault(
  { who, t, hash }: ObjectEntry,
  bytes: Buffer,
  paths: MessagePaths | undefined,
): string | undefined {
  if (!isUtf8(bytes)) return "expected UTF-8, got other bytes";
  const parsed = parseObject(bytes.toString("utf8"));
  if (typeof parsed === "string") return parsed;
  if (hash !== undefined && !sha256(bytes).startsWith(hash))
    return "expected the hash that its name tells, got another";
  const isHashed = /^~[0-9a-f]{16}$/.test(who);
  if (isHashed && sha256(bytes).slice(0, 16) !== who.slice(1))
    return "expected the hash that its name tells, got another";
  if (paths === undefined) return undefined;
  const { head, read } = messageReader(paths);
  const outcome = read(Buffer.concat([bytes, NEWLINE]), 0, bytes.length);
  if (outcome !== "ok") return outcome;
  const second = Math.floor(head.t / 1000);
  if (second !== t / 1000) return `expected the time that its name tells, ${t / 1000}, got ${second}`;
  // One whose id was redacted has it in its name only.
  if (head.id !== null && safeName(head.id) !== who)
    return `expected the id that its name tells, got ${head.id}`;
  return undefined;
}

async function batchFault(
  { store, stop }: Pick<VerifyOptions, "store" | "stop">,
  { name, t, last, hash }: BatchEntry,
  paths: MessagePaths | undefined,
): Promise<string | undefined> {
  const digest = createHash("sha256");
  const reader = paths === undefined ? undefined : messageReader(paths);
  let [first, before, number] = [Number.NaN, Number.NEGATIVE_INFINITY, 0];
  let fault: string | undefined;
  const splitter = lineSplitter({
    line(buffer, start, end) {
      number++;
      fault ??= lineFault(buffer, start, end);
    },
    tooLong() {
      fault ??= "expected lines of a mebibyte at most, got a longer one";
    },
  });
  function lineFault(buffer: Buffer, start: number, end: number): string | undefined {
    if (reader === undefined) {
      const parsed = parseObject(buffer.toString("utf8", start, end));
      return typeof parsed === "string" ? `line ${number}: ${parsed}` : undefined;
    }
    const outcome = reader.read(buffer, start, end);
    if (outcome !== "ok") return `line ${number}: ${outcome}`;
    if (reader.head.t < before) return `line ${number}: expected the order of time, got an earlier message`;
    before = reader.head.t;
    if (number === 1) first = before;
    return undefined;
  }
  for await (const piece of batchPieces(store, name, stop)) {
    digest.update(piece);
    splitter.push(piece);
  }
  splitter.end();
  if (fault !== undefined) return fault;
  if (!digest.digest("hex").startsWith(hash)) return "expected the hash that its name tells, got another";
  const agrees = reader === undefined || (Math.floor(first) === t && Math.floor(before) === last);
  return agrees ? undefined : "expected the times that its name tells, got others";
}
