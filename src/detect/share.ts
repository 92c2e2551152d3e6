import { type Measurement, numberAt } from "../records/measurement.ts";
import { isEvidence, type Json } from "./detector.ts";
import { shareKeyOf } from "./fields.ts";
import { arrayOf, isNumber } from "./snapshot.ts";

/** A share is told of at least so many events, where so many have come. */
const EVENTS_WANTED = 100;
/** A share of fewer events than this says nothing. */
const EVENTS_MIN = 10;
/** Events that came longer ago are forgotten, ms of stream time. */
const AGE_MS_MAX = 15 * 60_000;
/** One a second for as long; only counts that are fractions need more than a hundred. */
const RECORDS_MAX = 900;

/** What a record adds: stream time, ms; its keyed events; those of the category. */
type Counted = readonly [now: number, all: number, own: number];

/**
 * A category's share of the keyed events in the fewest last records that hold at least 100 of them; in all records
 * where there are fewer. None of them is older than 15 min of stream time.
 *
 * Holds up to 900 records, fewer than 100 where counts are whole numbers. O(1) a record, amortised.
 */
export class RunningShare {
  readonly #key: string;
  // invariant: in order of `now`; the sums are theirs.
  readonly #records: Counted[] = [];
  #all = 0;
  #own = 0;

  constructor(key: string) {
    this.#key = key;
  }

  /**
   * @param byKey events by category; one that is not in it has none.
   * @param now stream time, ms; never falls.
   */
  push(byKey: Readonly<Record<string, number>>, now: number): void {
    let all = 0;
    for (const count of Object.values(byKey)) all += count;
    if (all > 0) this.#add([now, all, Object.hasOwn(byKey, this.#key) ? byKey[this.#key]! : 0]);
    this.#forget(now);
  }

  /** From 0 to 1; undefined below 10 events. */
  get(): number | undefined {
    if (this.#all < EVENTS_MIN) return undefined;
    // Sums of fractions that went up and down can be off by their last bits.
    return Math.min(1, Math.max(0, this.#own / this.#all));
  }

  #add(counted: Counted): void {
    this.#records.push(counted);
    this.#all += counted[1];
    this.#own += counted[2];
  }

  #forget(now: number): void {
    for (let oldest = this.#records[0]; oldest !== undefined; oldest = this.#records[0]) {
      const [then, all, own] = oldest;
      const isNeeded = this.#all - all < EVENTS_WANTED && this.#records.length <= RECORDS_MAX;
      if (isNeeded && now - then <= AGE_MS_MAX) return;
      this.#records.shift();
      this.#all -= all;
      this.#own -= own;
    }
    this.#all = 0;
    this.#own = 0;
  }

  snapshot(): Json {
    return this.#records.map((counted) => [...counted]);
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  static restore(key: string, snapshot: unknown): RunningShare {
    const share = new RunningShare(key);
    for (const counted of arrayOf({ share: snapshot }, "share", isCounted).slice(-RECORDS_MAX)) {
      share.#add(counted);
    }
    return share;
  }
}

function isCounted(item: unknown): item is Counted {
  if (!Array.isArray(item) || item.length !== 3 || !item.every(isNumber)) return false;
  const [, all, own] = item as unknown as Counted;
  return own >= 0 && all >= own;
}

/** Gives the number of one field in each record. */
export interface FieldReader {
  /** @param now stream time, ms; never falls. @returns undefined where it is unknown. */
  read(record: Measurement, now: number): number | undefined;
  /** What it remembers; undefined where it remembers nothing. */
  snapshot(): Json | undefined;
  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void;
}

/** Reads a field by its path; `share.KEY` from `byKey` too, where a record does not tell it itself. */
export function fieldReader(field: string): FieldReader {
  const key = shareKeyOf(field);
  if (key === undefined) {
    return { read: ({ fields }) => numberAt(fields, field), snapshot: () => undefined, restore() {} };
  }
  let share = new RunningShare(key);
  return {
    read(record, now) {
      const told = numberAt(record.fields, field);
      if (told !== undefined || record.byKey === undefined || !isEvidence(record)) return told;
      share.push(record.byKey, now);
      return share.get();
    },
    snapshot: () => share.snapshot(),
    restore(snapshot) {
      share = RunningShare.restore(key, snapshot);
    },
  };
}
