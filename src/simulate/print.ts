import { setImmediate as nextTurn } from "node:timers/promises";
import { ByteWriter } from "../core/byte-writer.ts";
import type { Output } from "../core/output.ts";
import type { Tally } from "../core/tally.ts";
import type { LineSource } from "./world.ts";

/** How much is gathered for one write, bytes. */
const WRITE_BYTES = 1 << 18;

/**
 * Writes what a stream sends within `span` ms of its time, as fast as it is taken, until `stop` aborts or the reader
 * is gone. Counts `messages` and `broken`. Holds one write.
 */
export async function printLines(
  source: LineSource,
  { span, output, tally, stop }: { span: number; output: Output; tally: Tally; stop: AbortSignal },
): Promise<void> {
  const writer = new ByteWriter(WRITE_BYTES * 2);
  const ending = AbortSignal.any([stop, output.gone]);
  while (!ending.aborted && source.nextAt(span) !== undefined) {
    let lines = 0;
    let broken = 0;
    do {
      if (source.write(writer) === undefined) broken++;
      lines++;
    } while (writer.length < WRITE_BYTES && source.nextAt(span) !== undefined);
    output.write(writer.take());
    tally.read += lines;
    tally.add("messages", lines - broken);
    tally.add("broken", broken);
    await output.ready();
    // Signals are heard between turns only.
    await nextTurn();
  }
  await output.flush();
}
