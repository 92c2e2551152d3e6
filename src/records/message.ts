import { isUtf8 } from "node:buffer";
import { parseObject } from "../core/json-object.ts";
import { type JsonScanner, jsonScanner } from "../core/json-scan.ts";
import { type TimePath, timeFrom } from "./time-path.ts";

/** Where the toolkit finds in a source's messages what it needs to know. Paths are names joined by points. */
export interface MessagePaths {
  readonly time: TimePath;
  readonly key?: string | undefined;
  /** Categories are told apart whatever their case: `ca` and `CA` are both `CA`. */
  readonly upperCaseKey?: boolean | undefined;
  readonly id?: string | undefined;
}

/** `PATH=VALUE`: the value at the path, as text, must be this one. */
export interface Where {
  readonly path: string;
  readonly value: string;
}

export interface MessageFilter {
  /** All of them must hold. */
  readonly where?: readonly Where[];
  /** None of them may hold; where one does, the message needs no time. */
  readonly drop?: readonly Where[];
  /** Keep only messages of these categories. */
  readonly keys?: readonly string[] | undefined;
}

/** What a message says of itself. One is kept and overwritten by each message. */
export interface MessageHead {
  /** Event time, ms since the Unix epoch; NaN where a message that is filtered has none. */
  t: number;
  key: string | null;
  id: string | null;
}

export interface MessageReader {
  readonly head: MessageHead;
  /**
   * Reads one message into `head`; the text is checked whole against JSON's grammar and UTF-8.
   * @returns "ok"; "filtered" when a filter does not want it; else what is wrong with it.
   */
  read(buffer: Buffer, start: number, end: number): string;
}

/** Categories and such that were decoded before, so that each text is built once. Cleared when full. */
const TEXTS_MAX = 4096;

export function messageReader(paths: MessagePaths, filter: MessageFilter = {}): MessageReader {
  const { where = [], drop = [] } = filter;
  const keys = filter.keys === undefined ? undefined : new Set(filter.keys);
  // One place may be wanted for several things: it is looked for once.
  const places = [
    ...new Set([paths.time.path, paths.key, paths.id, ...[...where, ...drop].map(({ path }) => path)]),
  ].filter((path) => path !== undefined);
  const slotOf = (path: string | undefined) => (path === undefined ? -1 : places.indexOf(path));
  const [timeSlot, keySlot, idSlot] = [slotOf(paths.time.path), slotOf(paths.key), slotOf(paths.id)];
  const tests = (conditions: readonly Where[]) =>
    conditions.map(({ path, value: text }) => {
      const slot = slotOf(path);
      return (value: (slot: number) => unknown) => asText(value(slot)) === text;
    });
  const [wanted, dropped] = [tests(where), tests(drop)];
  const head: MessageHead = { t: 0, key: null, id: null };
  const scanner = jsonScanner(places);
  const valueAt = valuesOf(scanner);
  const isValid = utf8Checker();

  function accept(value: (slot: number) => unknown): string {
    const t = timeFrom(value(timeSlot), paths.time.unit);
    head.t = t ?? Number.NaN;
    if (dropped.some((test) => test(value))) return "filtered";
    if (t === undefined) {
      return `expected ${paths.time.unit === "iso" ? "an ISO 8601 time" : `a time in ${paths.time.unit}`} at ${paths.time.path}, got ${shown(value(timeSlot))}`;
    }
    head.key = keySlot < 0 ? null : cased(textOf(value(keySlot)), paths);
    head.id = idSlot < 0 ? null : textOf(value(idSlot));
    if (keys !== undefined && (head.key === null || !keys.has(head.key))) return "filtered";
    return wanted.every((test) => test(value)) ? "ok" : "filtered";
  }

  return {
    head,
    read(buffer, start, end) {
      if (!isValid(buffer, start, end)) return "expected UTF-8, got other bytes";
      if (scanner.scan(buffer, start, end)) return accept((slot) => valueAt(buffer, slot));
      return readSlowly(buffer.toString("utf8", start, end), places, accept);
    },
  };
}

/** Whatever looked odd to the scanner: JSON.parse decides. */
function readSlowly(
  text: string,
  wanted: readonly string[],
  accept: (value: (slot: number) => unknown) => string,
): string {
  const message = parseObject(text);
  if (typeof message === "string") return message;
  return accept((slot) => valueIn(message, wanted[slot]!));
}

/** The category of a message that was parsed already, as a MessageReader finds it. */
export function keyIn(
  message: unknown,
  { key: path, upperCaseKey }: Pick<MessagePaths, "key" | "upperCaseKey">,
): string | null {
  return path === undefined ? null : cased(textOf(valueIn(message, path)), { upperCaseKey });
}

const cased = (key: string | null, { upperCaseKey }: Pick<MessagePaths, "upperCaseKey">): string | null =>
  key !== null && upperCaseKey === true ? key.toUpperCase() : key;

/** The value at a path of names, or undefined. */
export function valueIn(message: unknown, path: string): unknown {
  let value = message;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Longest run of digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/** A whole number, read digit by digit, or undefined where it is written in any other way. */
function wholeAt(buffer: Buffer, start: number, end: number): number | undefined {
  if (end - start > EXACT_DIGITS) return undefined;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = buffer[i]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** Checks a buffer as a whole when its first line comes; line by line only where that finds a fault. */
function utf8Checker(): (buffer: Buffer, start: number, end: number) => boolean {
  let known: Buffer | undefined;
  let knownEnd = 0;
  return (buffer, start, end) => {
    if (buffer !== known) {
      known = buffer;
      const lastNewline = buffer.lastIndexOf(0x0a);
      knownEnd = lastNewline >= start && isUtf8(buffer.subarray(start, lastNewline)) ? lastNewline : 0;
    }
    return end <= knownEnd || isUtf8(buffer.subarray(start, end));
  };
}

/** A number, truth or null; a whole number too large for a double to hold exactly stays text, for it is some id. */
function scalarOf(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(text) ? text : value;
}

/** Decodes scanned values; scalars only, objects and arrays come as undefined. */
function valuesOf(scanner: JsonScanner): (buffer: Buffer, slot: number) => unknown {
  const texts = new Map<string, string>();
  return (buffer, slot) => {
    const start = scanner.starts[slot]!;
    if (start < 0) return undefined;
    const end = scanner.ends[slot]!;
    const first = buffer[start];
    if (first === 0x7b || first === 0x5b) return undefined;
    const whole = wholeAt(buffer, start, end);
    if (whole !== undefined) return whole;
    const text = buffer.toString("latin1", start, end);
    if (first !== 0x22) return scalarOf(text);
    let known = texts.get(text);
    if (known === undefined) {
      if (texts.size >= TEXTS_MAX) texts.clear();
      known = JSON.parse(buffer.toString("utf8", start, end)) as string;
      texts.set(text, known);
    }
    return known;
  };
}

/** Text, number or truth as text; all else is null, and so is the empty text. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

const asText = (value: unknown): string => (value === null ? "null" : (textOf(value) ?? ""));

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
