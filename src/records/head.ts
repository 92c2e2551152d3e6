import { type JsonObject, parseObject } from "../core/json-object.ts";
import { textCache } from "../core/text-cache.ts";
import { canonicalScanner, type Head } from "./canonical.ts";
import { decodeResumed, isPrints, type Resumed } from "./resumed.ts";
import { isTime } from "./time-path.ts";

export type { Head };

const emptyHead = (): Head => ({
  kind: "event",
  t: 0,
  at: undefined,
  stream: undefined,
  diff: 0,
  connected: true,
  keyStart: -1,
  keyEnd: -1,
  idStart: -1,
  idEnd: -1,
  cursorStart: -1,
  cursorEnd: -1,
  eventStart: -1,
  passed: Number.NaN,
  printsStart: -1,
  printsEnd: -1,
});

export type HeadKind = Head["kind"];

export interface HeadReader {
  readonly head: Head;
  /**
   * Reads one line into `head`.
   * @returns "ok"; "ignored" for an object without a mark that is read; else what is wrong with the line.
   */
  read(buffer: Buffer, start: number, end: number): string;
  /** Category of the event that was read last, or null. Valid as long as the line's buffer is. */
  key(): string | null;
  /** Id of the event that was read last, or null. */
  id(): string | null;
  /** The source's place of the event or gap that was read last, as JSON; undefined where it has none. */
  cursor(): string | undefined;
  /** The prints of the gap that was read last, as JSON without the brackets; empty where it has none. */
  prints(): string;
  /** The message of the event that was read last, byte for byte; where that is not known any more, as JSON. */
  message(): Buffer;
  /** Of the tick that was read last: the run that begins with it. */
  resumed(): Resumed | undefined;
  /** Of the tick that was read last: its run ends with it. */
  ended(): boolean;
}

const MARKS: Readonly<Record<HeadKind, string>> = { event: "event", tick: "tick", gap: "diff" };

/** What the slow way finds besides the numbers. */
interface Names {
  key: string | null;
  id: string | null;
  cursor: string | undefined;
  prints: string;
  message: unknown;
  resumed: Resumed | undefined;
  ended: boolean;
}

/** A reader of the kinds that a tool reads. Lines as the toolkit writes them take the fast way; others JSON.parse. */
export function headReader(kinds: readonly HeadKind[]): HeadReader {
  const head = emptyHead();
  const scan = canonicalScanner(head);
  const textOf = textCache();
  let line: Buffer | undefined;
  let lineEnd = 0;
  const names: Names = {
    key: null,
    id: null,
    cursor: undefined,
    prints: "",
    message: undefined,
    resumed: undefined,
    ended: false,
  };

  return {
    head,
    read(buffer, start, end) {
      line = buffer;
      lineEnd = end;
      if (!scan(buffer, start, end) || !kinds.includes(head.kind)) {
        line = undefined;
        const outcome = decodeHead(head, names, kinds, buffer.toString("utf8", start, end));
        if (outcome !== "ok") return outcome;
      }
      return isTime(head.t) && isTime(head.at ?? 0) ? "ok" : "expected times in ms since 1970";
    },
    key() {
      if (line === undefined) return names.key;
      return head.keyStart < 0 ? null : textOf(line, head.keyStart, head.keyEnd) || null;
    },
    id() {
      if (line === undefined) return names.id;
      return head.idStart < 0 ? null : line.toString("utf8", head.idStart, head.idEnd) || null;
    },
    cursor() {
      if (line === undefined) return names.cursor;
      return head.cursorStart < 0 ? undefined : textOf(line, head.cursorStart, head.cursorEnd);
    },
    prints() {
      if (line === undefined) return names.prints;
      return head.printsStart < 0 ? "" : line.toString("latin1", head.printsStart, head.printsEnd);
    },
    message: () =>
      line === undefined
        ? Buffer.from(JSON.stringify(names.message))
        : line.subarray(head.eventStart, lineEnd - 1),
    resumed: () => (line === undefined ? names.resumed : undefined),
    ended: () => line === undefined && names.ended,
  };
}

/** The slow and exact way. */
function decodeHead(head: Head, names: Names, kinds: readonly HeadKind[], text: string): string {
  const fields = parseObject(text);
  if (typeof fields === "string") return fields;
  const kind = kinds.find((candidate) => fields[MARKS[candidate]] !== undefined);
  if (kind === undefined) return "ignored";
  const key = nameFrom(fields["key"]);
  const id = nameFrom(fields["id"]);
  if (kind === "event" && key === undefined) return "expected a string or null in key";
  if (kind === "event" && id === undefined) return "expected a string or null in id";
  names.key = key ?? null;
  names.id = id ?? null;
  names.message = fields["event"];
  const resumed = kind === "tick" ? fields["resumed"] : undefined;
  names.resumed = decodeResumed(resumed);
  names.ended = kind === "tick" && fields["ended"] === true;
  if (resumed !== undefined && names.resumed === undefined) return "expected a run in resumed";
  const { cursor, prints } = fields;
  names.prints = isPrints(prints) ? JSON.stringify(prints).slice(1, -1) : "";
  const isPlace = typeof cursor === "string" || typeof cursor === "number";
  names.cursor = isPlace ? JSON.stringify(cursor) : undefined;
  return decodeFields(head, kind, fields);
}

/** A name, or null where there is none; undefined for what cannot be one. */
function nameFrom(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}

function decodeFields(head: Head, kind: HeadKind, fields: JsonObject): string {
  const { at, stream, diff, connected } = fields;
  const t = kind === "tick" ? fields["tick"] : fields["t"];
  if (typeof t !== "number") {
    if (kind === "tick") return "expected a number in tick";
    return `expected a number in t (a raw message? then say where its time is: --time PATH)`;
  }
  if (at !== undefined && typeof at !== "number") return "expected a number in at";
  if (stream !== undefined && typeof stream !== "string") return "expected a string in stream";
  if (kind === "event" && (typeof fields["event"] !== "object" || fields["event"] === null)) {
    return "expected an object in event";
  }
  if (kind === "gap" && !(typeof diff === "number" && diff >= 0))
    return "expected seconds, 0 or more, in diff";
  if (kind === "tick" && connected !== undefined && typeof connected !== "boolean") {
    return "expected true or false in connected";
  }
  head.kind = kind;
  head.t = t;
  head.at = at;
  head.stream = stream;
  head.diff = typeof diff === "number" ? diff : 0;
  const { passed } = fields;
  head.passed = typeof passed === "number" && isTime(passed) ? passed : Number.NaN;
  head.connected = connected !== false;
  return "ok";
}
