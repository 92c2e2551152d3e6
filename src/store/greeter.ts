import type { Log } from "../core/log.ts";
import { formatSpan } from "../core/spans.ts";
import { secondOf } from "../core/stream-time.ts";
import type { BatchHead } from "./store.ts";

/** How far behind the store's stream time an input may begin without a word, ms. */
const BEHIND_MS = 10_000;

/**
 * Says once a stream that its input begins behind the store's stream time, `before`: it joins old seconds, which few
 * expect of a second replay.
 *
 * @param noun what the records are, for people: `gaps`.
 */
export function greeter(
  noun: string,
  log: Log,
): (batch: Pick<BatchHead, "stream" | "first" | "last">, before: number) => void {
  const greeted = new Set<string>();
  return ({ stream, first, last }, before) => {
    if (greeted.has(stream)) return;
    greeted.add(stream);
    if (secondOf(first.time) * 1000 >= before - BEHIND_MS) return;
    const behind = formatSpan((before - first.time) / 1000);
    log.warning(
      `stream ${stream} begins ${behind} behind what the store holds of it: its ${noun} are added to those; for a new start give it another name`,
      { stream, before, first: first.time, last: last.time },
    );
  };
}
