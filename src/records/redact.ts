import { jsonScanner } from "../core/json-scan.ts";

const NULL = Buffer.from("null");

/**
 * Replaces the values at some paths by null, wherever they stand in a message, and leaves every other byte alone.
 *
 * Names that are written with escapes, or repeated, are found too. Arrays are not entered: name the array. A message that
 * is nested deeper than 512 is written anew.
 * Returns undefined for a text that is no JSON object.
 */
export function redactor(paths: readonly string[]): (message: Buffer) => Buffer | undefined {
  let cuts: { start: number; end: number }[] = [];
  const scanner = jsonScanner(paths, (_slot, start, end) => {
    // invariant: cuts do not overlap; a value that holds earlier ones takes their place.
    cuts = cuts.filter((cut) => cut.start < start);
    cuts.push({ start, end });
  });
  return (message) => {
    cuts = [];
    // Scanners want a byte behind the text that ends every string.
    const guarded = Buffer.concat([message, Buffer.from("\n")]);
    if (!scanner.scan(guarded, 0, message.length)) return redactParsed(message, paths);
    const parts: Buffer[] = [];
    let from = 0;
    for (const { start, end } of cuts) {
      parts.push(message.subarray(from, start), NULL);
      from = end;
    }
    return Buffer.concat([...parts, message.subarray(from)]);
  };
}

/** The slow way, for what is nested too deep for the scanner. */
function redactParsed(message: Buffer, paths: readonly string[]): Buffer | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message.toString("utf8"));
  } catch {
    return undefined;
  }
  for (const path of paths) {
    const names = path.split(".");
    let place = parsed;
    for (const name of names.slice(0, -1)) place = isObject(place) ? place[name] : undefined;
    const last = names.at(-1)!;
    if (isObject(place) && Object.hasOwn(place, last)) place[last] = null;
  }
  return Buffer.from(JSON.stringify(parsed));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
