import { type JsonObject, parseObject } from "../core/json-object.ts";
import { canonicalScanner, type Head } from "./canonical.ts";
import { isTime } from "./time-path.ts";

export type { Head };

const emptyHead = (): Head => ({
  kind: "event",
  t: 0,
  at: undefined,
  stream: undefined,
  diff: 0,
  connected: true,
});

export type HeadKind = Head["kind"];

export interface HeadReader {
  readonly head: Head;
  /**
   * Reads one line into `head`.
   * @returns "ok"; "ignored" for an object without a mark that is read; else what is wrong with the line.
   */
  read(buffer: Buffer, start: number, end: number): string;
}

const MARKS: Readonly<Record<HeadKind, string>> = { event: "event", tick: "tick", gap: "diff" };

/** A reader of the kinds that a tool reads. Lines as the toolkit writes them take the fast way; others JSON.parse. */
export function headReader(kinds: readonly HeadKind[]): HeadReader {
  const head = emptyHead();
  const scan = canonicalScanner(head);
  return {
    head,
    read(buffer, start, end) {
      if (!scan(buffer, start, end) || !kinds.includes(head.kind)) {
        const outcome = decodeHead(head, kinds, buffer.toString("utf8", start, end));
        if (outcome !== "ok") return outcome;
      }
      return isTime(head.t) && isTime(head.at ?? 0) ? "ok" : "expected times in ms since 1970";
    },
  };
}

/** The slow and exact way. */
function decodeHead(head: Head, kinds: readonly HeadKind[], text: string): string {
  const fields = parseObject(text);
  if (typeof fields === "string") return fields;
  const kind = kinds.find((candidate) => fields[MARKS[candidate]] !== undefined);
  return kind === undefined ? "ignored" : decodeFields(head, kind, fields);
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
  head.connected = connected !== false;
  return "ok";
}
