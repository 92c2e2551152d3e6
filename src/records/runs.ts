import { ToolError } from "../core/errors.ts";
import type { Resumed } from "./resumed.ts";

/** The runs in an input: one of each stream. */
export interface Runs {
  /** Some stream's run has begun: the input comes from ingest, which ends every line. */
  readonly any: boolean;
  /** A run of a stream begins. @throws ToolError (badInput) where another one has. */
  begin(stream: string, resumed: Resumed): void;
}

/** Holds one number a stream. */
export function runsIn(): Runs {
  const runs = new Map<string, number>();
  return {
    get any() {
      return runs.size > 0;
    },
    begin(stream, { run }) {
      if (runs.has(stream) && runs.get(stream) !== run) {
        const words = `${stream}: expected one run of ingest --resume in a pipe, got a second; start what reads it anew with each`;
        throw new ToolError("badInput", words);
      }
      runs.set(stream, run);
    },
  };
}
