import { lineSplitter } from "../core/lines.ts";
import type { Output } from "../core/output.ts";
import { headReader } from "../records/head.ts";

/**
 * An output that holds back the first event that has a place, and what follows it, until its line is kept: whatever dies
 * after that, there is a place to go on from.
 *
 * Lines must be handed over whole. Holds what is written meanwhile; `ready` waits then.
 */
export function originGate(output: Output, keep: (line: string, gone: AbortSignal) => Promise<void>): Output {
  let held: (Buffer | string)[] = [];
  let keeping: Promise<void> | undefined;
  let isOpen = false;
  let failure: unknown;

  function open(): void {
    isOpen = true;
    keeping = undefined;
    for (const bytes of held) output.write(bytes);
    held = [];
  }
  const rest = async () => {
    await keeping;
    if (failure !== undefined) throw failure;
  };
  return {
    gone: output.gone,
    write(bytes) {
      if (isOpen) return output.write(bytes);
      const line = keeping === undefined ? firstPlaced(bytes) : undefined;
      if (line !== undefined) {
        keeping = keep(line, output.gone).then(open, (error: unknown) => {
          failure = error;
        });
      }
      if (keeping === undefined) return output.write(bytes);
      held.push(bytes);
      return false;
    },
    ready() {
      if (keeping === undefined) return output.ready();
      const waiting = rest();
      // Not everybody who asks waits.
      waiting.catch(() => {});
      return waiting;
    },
    async flush() {
      await rest();
      await output.flush();
    },
  };
}

/** The line of the first event among these that has a place. */
function firstPlaced(text: Buffer | string): string | undefined {
  const { read, cursor } = headReader(["event"]);
  let found: string | undefined;
  const splitter = lineSplitter({
    line(buffer, start, end) {
      if (found !== undefined || read(buffer, start, end) !== "ok" || cursor() === undefined) return;
      found = buffer.toString("utf8", start, end);
    },
    tooLong() {},
  });
  splitter.push(Buffer.from(text));
  splitter.end();
  return found;
}
