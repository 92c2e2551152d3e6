import { isUtf8 } from "node:buffer";
import { jsonScanner } from "../core/json-scan.ts";

const OPEN_BRACE = 0x7b;
const NEWLINE = Buffer.from("\n");

/**
 * Finds the message in the line of an event record, byte for byte, however the line is written; the whole line is checked
 * against JSON's grammar, also where it looks as the toolkit writes it: one that a kill cut off may look so.
 * @returns undefined where the line, or the message in it, is no JSON object, or is nested deeper than 512.
 */
export function eventMessages(): (line: Buffer) => Buffer | undefined {
  const { scan, starts, ends } = jsonScanner(["event"]);
  return (line) => {
    // Scanners want a byte behind the text that ends every string; of a whole buffer its end does.
    if (!isUtf8(line) || !scan(line, 0, line.length)) return undefined;
    return line[starts[0]!] === OPEN_BRACE ? line.subarray(starts[0], ends[0]) : undefined;
  };
}

/** A text with the newline behind it that readers of lines want. */
export const asLine = (text: Buffer): Buffer => Buffer.concat([text, NEWLINE]);
