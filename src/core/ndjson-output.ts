import { once } from "node:events";
import { stringify } from "ndjson";
import type { Output } from "./output.ts";

/** Whole records as lines of JSON. For the few; a tool that gives one line for each it reads joins its own text. */
export interface RecordOutput {
  write(record: object): void;
  /** The same of several, handed over at once. */
  writeAll(records: readonly object[]): void;
  /** undefined when there is room; else a promise that resolves when there is again (or the reader is gone). */
  ready(): Promise<void> | undefined;
  /** Resolves when every record was taken by the reader. @throws ToolError (io) when one could not be written. */
  end(): Promise<void>;
}

/** Writes records to an output, one a line, each on its way at once. Holds what the output has no room for. */
export function recordOutput(output: Output): RecordOutput {
  const lines = stringify();
  let held: (Buffer | string)[] | undefined;
  lines.on("data", (line: Buffer | string) => (held === undefined ? output.write(line) : held.push(line)));
  return {
    write(record) {
      lines.write(record);
    },
    writeAll(records) {
      held = [];
      for (const record of records) lines.write(record);
      const text = held.join("");
      held = undefined;
      output.write(text);
    },
    ready() {
      if (lines.writableNeedDrain) return once(lines, "drain").then(() => output.ready());
      return output.ready();
    },
    async end() {
      const ended = once(lines, "end");
      lines.end();
      await ended;
      await output.flush();
    },
  };
}
