/**
 * The small fields of an event, tick or gap, read from the first bytes of its line.
 *
 * A reader keeps one Head and lets every line overwrite it, so that a million lines build no objects.
 */
export interface Head {
  kind: "event" | "tick" | "gap";
  /** Event time; of a tick, stream time. */
  t: number;
  /** Arrival time, or undefined where the record has none. */
  at: number | undefined;
  /** The stream it names, or undefined. */
  stream: string | undefined;
  /** Of a gap, s. */
  diff: number;
  /** Of a tick. */
  connected: boolean;
}

export const emptyHead = (): Head => ({
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
      if (scan(buffer, start, end) && kinds.includes(head.kind)) return "ok";
      return decodeHead(head, kinds, buffer.toString("utf8", start, end));
    },
  };
}

/** The slow and exact way. */
function decodeHead(head: Head, kinds: readonly HeadKind[], text: string): string {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return "expected a JSON object, got something else";
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    return "expected a JSON object, got another JSON value";
  }
  const fields = record as Record<string, unknown>;
  const kind = kinds.find((candidate) => fields[MARKS[candidate]] !== undefined);
  return kind === undefined ? "ignored" : decodeFields(head, kind, fields);
}

function decodeFields(head: Head, kind: HeadKind, fields: Record<string, unknown>): string {
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

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const POINT = 0x2e;
/** Longest number that is read digit by digit: more might not be exact in a double. */
const DIGITS_MAX = 15;

/**
 * Reads lines that look as the toolkit writes them: no spaces, no escapes, the known fields only, an event's
 * message last. Returns false for whatever looks different, right or wrong.
 */
function canonicalScanner(head: Head): (buffer: Buffer, start: number, end: number) => boolean {
  let i = 0;
  let streamBytes = Buffer.alloc(0);
  let streamName = "";

  function number(b: Buffer): number {
    let value = 0;
    let digits = 0;
    let scale = 1;
    let point = false;
    for (; ; i++) {
      const c = b[i]!;
      if (c >= 0x30 && c <= 0x39) {
        value = value * 10 + (c - 0x30);
        digits++;
        if (point) scale *= 10;
      } else if (c === POINT && !point && digits > 0) point = true;
      else break;
    }
    // A quotient of two exact integers is the double nearest to the decimal, as JSON.parse gives it.
    return digits === 0 || digits > DIGITS_MAX ? Number.NaN : value / scale;
  }

  function plainString(b: Buffer, end: number): boolean {
    if (b[i] !== QUOTE) return false;
    for (i++; i < end; i++) {
      if (b[i] === BACKSLASH) return false;
      if (b[i] === QUOTE) return ++i > 0;
    }
    return false;
  }

  /** The stream's name; the one read last is not built again. */
  function stream(b: Buffer, end: number): boolean {
    const from = i + 1;
    if (!plainString(b, end)) return false;
    const length = i - 1 - from;
    if (length !== streamBytes.length || b.compare(streamBytes, 0, length, from, i - 1) !== 0) {
      streamBytes = Buffer.from(b.subarray(from, i - 1));
      streamName = streamBytes.toString("utf8");
    }
    head.stream = streamName;
    return true;
  }

  function word(b: Buffer, text: string): boolean {
    for (let k = 0; k < text.length; k++) if (b[i + k] !== text.charCodeAt(k)) return false;
    i += text.length;
    return true;
  }

  /** One member, from its quote on. "end" when it was an event's message. */
  function member(b: Buffer, end: number): "ok" | "end" | "odd" {
    const is = (name: string) =>
      b[i + name.length + 1] === QUOTE && b[i + name.length + 2] === COLON && word(b, `"${name}":`);
    switch (b[i + 1]) {
      case 0x74: // t
        if (is("t")) return Number.isNaN((head.t = number(b))) ? "odd" : "ok";
        if (!is("tick")) return "odd";
        head.kind = "tick";
        return Number.isNaN((head.t = number(b))) ? "odd" : "ok";
      case 0x61: // a
        return is("at") && !Number.isNaN((head.at = number(b))) ? "ok" : "odd";
      case 0x73: // s
        return is("stream") && stream(b, end) ? "ok" : "odd";
      case 0x6b: // k
        return is("key") && (plainString(b, end) || word(b, "null")) ? "ok" : "odd";
      case 0x69: // i
        return is("id") && (plainString(b, end) || word(b, "null")) ? "ok" : "odd";
      case 0x64: // d
        head.kind = "gap";
        return is("diff") && !Number.isNaN((head.diff = number(b))) ? "ok" : "odd";
      case 0x63: // c
        if (!is("connected")) return "odd";
        head.connected = b[i] === 0x74;
        return word(b, "true") || word(b, "false") ? "ok" : "odd";
      case 0x65: // e
        if (!is("event") || head.at === undefined || head.stream === undefined) return "odd";
        head.kind = "event";
        return b[i] === OPEN_BRACE && b[end - 1] === CLOSE_BRACE && b[end - 2] === CLOSE_BRACE
          ? "end"
          : "odd";
      default:
        return "odd";
    }
  }

  return (b, start, end) => {
    head.kind = "event";
    head.t = Number.NaN;
    head.at = undefined;
    head.stream = undefined;
    head.diff = Number.NaN;
    head.connected = true;
    if (b[start] !== OPEN_BRACE) return false;
    i = start + 1;
    for (;;) {
      if (b[i] !== QUOTE) return false;
      const outcome = member(b, end);
      if (outcome === "odd") return false;
      if (outcome === "end") return !Number.isNaN(head.t);
      const c = b[i++];
      if (c === COMMA) continue;
      return c === CLOSE_BRACE && i === end && head.kind !== "event" && !Number.isNaN(head.t);
    }
  };
}
