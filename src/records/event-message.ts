import { isUtf8 } from "node:buffer";
import { jsonScanner } from "../core/json-scan.ts";

const OPEN_BRACE = 0x7b;
const NEWLINE = Buffer.from("\n");

/**
 * Finds the message in the line of an event record, byte for byte. Whatever looks odd goes to JSON.parse, and is written
 * anew.
 * @returns undefined where the line, or the message in it, is no JSON object.
 */
export function eventMessages(): (line: Buffer) => Buffer | undefined {
  const { scan, starts, ends } = jsonScanner(["event"]);
  return (line) => {
    if (!isUtf8(line)) return undefined;
    // Scanners want a byte behind the text that ends every string; of a whole buffer its end does.
    const found = scan(line, 0, line.length) && starts[0]! >= 0;
    if (found) return line[starts[0]!] === OPEN_BRACE ? line.subarray(starts[0], ends[0]) : undefined;
    try {
      const { event } = JSON.parse(line.toString("utf8")) as { readonly event?: unknown };
      return typeof event === "object" && event !== null && !Array.isArray(event)
        ? Buffer.from(JSON.stringify(event))
        : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
}

/** A text with the newline behind it that readers of lines want. */
export const asLine = (text: Buffer): Buffer => Buffer.concat([text, NEWLINE]);
