import type { Clock } from "../../core/clock.ts";
import { type Allowance, gate, type HeldBack } from "./allowance.ts";
import type { OtherItem } from "./item.ts";
import { TEXT_CHARS_MAX } from "./limits.ts";

/** Messages that are told apart at a time; what comes beyond them is not folded. */
const FOLDS_MAX = 1000;
/** How much of a message tells it from others, characters. */
const KEY_CHARS = 2000;

/** A line that is to be posted, and the records it stands for. */
export interface Outgoing {
  readonly line: Buffer;
  readonly records: number;
  /** What these count as once it is delivered. */
  readonly as: "delivered" | "folded" | "held back";
}

export interface FoldingOptions {
  /** How long repeats of a message are gathered after a post about it, ms. */
  readonly span: number;
  readonly allowance: Allowance;
  readonly clock: Pick<Clock, "now" | "elapsed">;
}

/** A record that has a severity. */
type LogItem = OtherItem & { readonly severity: string };

/** Repeats of one message since the post about it. */
interface Fold {
  /** The latest. */
  item: LogItem;
  count: number;
  /** When there was a post about it, by the clock's elapsed time. */
  since: number;
}

/**
 * Log records so that a flood of them is a few posts: a message goes out at once; what says the same within `span` of
 * a post about it (same severity, tool and message, numbers in it aside) goes out as one post that tells how many,
 * when that time is over; and of all these no more than the allowance.
 *
 * Holds at most 1,000 messages, cut to what is shown of them.
 */
export interface Folding {
  take(item: LogItem, line: Buffer): void;
  /** Gives what the time has come for. */
  tick(): void;
  /** Gives what it still holds. */
  end(): void;
  /** What `end` would give now, in lines; it is still held. */
  held(): Buffer[];
}

export function folding(
  emit: (outgoing: Outgoing) => void,
  { span, allowance, clock }: FoldingOptions,
): Folding {
  const { admits, due, held: heldBack, rest } = gate(allowance);
  /** invariant: in the order of `since`. */
  const folds = new Map<string, Fold>();

  const heldLine = ({ record }: HeldBack) => lineOf({ time: new Date(clock.now()).toISOString(), ...record });
  const withinOf = ({ since }: Fold, now: number) => Math.max(1, Math.ceil((now - since) / 1000));

  function tellHeld(held: HeldBack | undefined): void {
    if (held !== undefined) emit({ line: heldLine(held), records: held.records, as: "held back" });
  }

  /** Posts what came again; what comes after that is gathered anew. */
  function unfold(key: string, fold: Fold, now: number): void {
    folds.delete(key);
    if (fold.count === 0) return;
    if (admits(fold.item, fold.count, now))
      emit({ line: repeatsLine(fold, withinOf(fold, now)), records: fold.count, as: "folded" });
    folds.set(key, { item: fold.item, count: 0, since: now });
  }

  function tickAt(now: number): void {
    tellHeld(due(now));
    for (const [key, fold] of folds) {
      if (fold.since + span > now) break;
      unfold(key, fold, now);
    }
  }

  return {
    take(item, line) {
      const now = clock.elapsed();
      tickAt(now);
      const key = keyOf(item);
      const fold = folds.get(key);
      if (fold !== undefined) {
        fold.item = short(item);
        fold.count++;
        return;
      }
      if (span > 0 && folds.size < FOLDS_MAX) folds.set(key, { item: short(item), count: 0, since: now });
      if (admits(item, 1, now)) emit({ line: Buffer.from(line), records: 1, as: "delivered" });
    },
    tick: () => tickAt(clock.elapsed()),
    end() {
      const now = clock.elapsed();
      tickAt(now);
      for (const [key, fold] of folds) unfold(key, fold, now);
      folds.clear();
      tellHeld(rest());
    },
    held() {
      const now = clock.elapsed();
      const repeated = [...folds.values()].filter(({ count }) => count > 0);
      const lines = repeated.map((fold) => repeatsLine(fold, withinOf(fold, now)));
      const back = heldBack();
      return back === undefined ? lines : [...lines, heldLine(back)];
    },
  };
}

const keyOf = ({ severity, tool, text }: LogItem): string =>
  JSON.stringify([severity, tool, text.slice(0, KEY_CHARS).replace(/\d+(?:[.,:]\d+)*/g, "#")]);

const short = (item: LogItem): LogItem => ({ ...item, text: item.text.slice(0, TEXT_CHARS_MAX) });

/** The latest of them, as a log record that says how many more there were. */
function repeatsLine({ item, count }: Fold, within: number): Buffer {
  const { severity, tool, text, time, facts = [] } = item;
  const known = facts.map(({ name, value }) => [name, value] as const);
  const repeats = { count, within };
  return lineOf({ time, severity, tool, message: text, repeats, ...Object.fromEntries(known) });
}

const lineOf = (record: Readonly<Record<string, unknown>>): Buffer => Buffer.from(JSON.stringify(record));
