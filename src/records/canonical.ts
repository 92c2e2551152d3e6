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
  /** Where an event's category and id lie in the line's buffer, without their quotes; start -1 where it has none. */
  keyStart: number;
  keyEnd: number;
  idStart: number;
  idEnd: number;
  /** Where its place in the source lies, as JSON: with its quotes; start -1 where it has none. */
  cursorStart: number;
  cursorEnd: number;
  /** Where an event's message begins; it ends before the line's last brace. */
  eventStart: number;
  /** Of a gap, ms: greatest event time up to its cursor; NaN where it has none. */
  passed: number;
  /** Where a gap's prints lie, without their brackets; start -1 where it has none. */
  printsStart: number;
  printsEnd: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const LETTER_R = 0x72;
const CLOSE_BRACKET = 0x5d;
const POINT = 0x2e;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Powers of ten are exact in a double up to this one. */
const SCALE_MAX = 1e22;

/**
 * Reads lines that look as the toolkit writes them (no spaces, no escapes, the known fields only, an event's
 * message last) into `head`, and returns false for whatever looks different, right or wrong.
 */
export function canonicalScanner(head: Head): (buffer: Buffer, start: number, end: number) => boolean {
  let b: Buffer = Buffer.alloc(0);
  let i = 0;
  let end = 0;
  let streamBytes = Buffer.alloc(0);
  let streamName = "";

  function number(): number {
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
    // A quotient of two exact numbers is the double nearest to the decimal, as JSON.parse gives it.
    const exact = digits > 0 && value <= Number.MAX_SAFE_INTEGER && scale <= SCALE_MAX;
    return exact ? value / scale : Number.NaN;
  }

  function plainString(): boolean {
    if (b[i] !== QUOTE) return false;
    for (i++; i < end; i++) {
      if (b[i] === BACKSLASH) return false;
      if (b[i] === QUOTE) {
        i++;
        return true;
      }
    }
    return false;
  }

  /** A string or a number, and nothing is made of it: it is for the source. */
  function cursor(): boolean {
    head.cursorStart = i;
    const there = scalar();
    head.cursorEnd = i;
    return there;
  }

  function scalar(): boolean {
    if (b[i] !== QUOTE) return !Number.isNaN(number());
    for (i++; i < end; i++) {
      if (b[i] === BACKSLASH) i++;
      else if (b[i] === QUOTE) {
        i++;
        return true;
      }
    }
    return false;
  }

  /** Strings in brackets, which are opened already. */
  function prints(): boolean {
    head.printsStart = i;
    for (;;) {
      if (!plainString()) return false;
      if (b[i] === CLOSE_BRACKET) break;
      if (b[i++] !== COMMA) return false;
    }
    head.printsEnd = i++;
    return true;
  }

  /** The stream's name; the one read last is not built again. */
  function stream(): boolean {
    const from = i + 1;
    if (!plainString()) return false;
    const length = i - 1 - from;
    if (length !== streamBytes.length || b.compare(streamBytes, 0, length, from, i - 1) !== 0) {
      streamBytes = Buffer.from(b.subarray(from, i - 1));
      streamName = streamBytes.toString("utf8");
    }
    head.stream = streamName;
    return true;
  }

  function key(): boolean {
    const from = i + 1;
    if (!plainString()) return word("null");
    head.keyStart = from;
    head.keyEnd = i - 1;
    return true;
  }

  function id(): boolean {
    const from = i + 1;
    if (!plainString()) return word("null");
    head.idStart = from;
    head.idEnd = i - 1;
    return true;
  }

  function word(text: string): boolean {
    for (let k = 0; k < text.length; k++) if (b[i + k] !== text.charCodeAt(k)) return false;
    i += text.length;
    return true;
  }

  /** One member, from its quote on. "end" when it was an event's message. */
  function member(): "ok" | "end" | "odd" {
    switch (String.fromCharCode(b[i + 1]!)) {
      case "t":
        if (!word('"t":')) {
          head.kind = "tick";
          if (!word('"tick":')) return "odd";
        }
        head.t = number();
        return Number.isNaN(head.t) ? "odd" : "ok";
      case "a":
        if (!word('"at":')) return "odd";
        head.at = number();
        return Number.isNaN(head.at) ? "odd" : "ok";
      case "s":
        return word('"stream":') && stream() ? "ok" : "odd";
      case "k":
        return word('"key":') && key() ? "ok" : "odd";
      case "i":
        return word('"id":') && id() ? "ok" : "odd";
      case "p":
        if (b[i + 2] === LETTER_R) return word('"prints":[') && prints() ? "ok" : "odd";
        head.passed = word('"passed":') ? number() : Number.NaN;
        return Number.isNaN(head.passed) ? "odd" : "ok";
      case "d":
        head.kind = "gap";
        if (!word('"diff":')) return "odd";
        head.diff = number();
        return Number.isNaN(head.diff) ? "odd" : "ok";
      case "c":
        if (word('"cursor":')) return cursor() ? "ok" : "odd";
        if (!word('"connected":')) return "odd";
        head.connected = word("true");
        return head.connected || word("false") ? "ok" : "odd";
      case "e":
        if (!word('"event":') || head.at === undefined || head.stream === undefined) return "odd";
        head.eventStart = i;
        return b[i] === OPEN_BRACE && b[end - 1] === CLOSE_BRACE && b[end - 2] === CLOSE_BRACE
          ? "end"
          : "odd";
      default:
        return "odd";
    }
  }

  return (buffer, from, to) => {
    b = buffer;
    i = from + 1;
    end = to;
    head.kind = "event";
    head.t = Number.NaN;
    head.at = undefined;
    head.stream = undefined;
    head.diff = 0;
    head.connected = true;
    head.keyStart = -1;
    head.idStart = -1;
    head.cursorStart = -1;
    head.passed = Number.NaN;
    head.printsStart = -1;
    if (b[from] !== OPEN_BRACE) return false;
    for (;;) {
      if (b[i] !== QUOTE) return false;
      const outcome = member();
      if (outcome === "odd") return false;
      if (outcome === "end") return !Number.isNaN(head.t);
      const c = b[i++];
      if (c === COMMA) continue;
      return c === CLOSE_BRACE && i === end && head.kind !== "event" && !Number.isNaN(head.t);
    }
  };
}
