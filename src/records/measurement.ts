import { parseObject } from "../core/json-object.ts";
import { valueIn } from "./message.ts";
import { decodeSamples, type SampleEvent } from "./sample-event.ts";
import type { StatsRecord } from "./stats.ts";
import { isTime } from "./time-path.ts";

/** What detectors read: a rate, distribution or stats record, or any other with a time and the watched numbers. */
export interface Measurement {
  /** Stream time, ms since the Unix epoch. */
  readonly t: number;
  /** The stream it names, or undefined. */
  readonly stream: string | undefined;
  readonly connected: boolean;
  /** Wall seconds since stream time last moved; 0 where the record does not say. */
  readonly stale: number;
  /** Connected seconds that the record is about; undefined where it does not say. */
  readonly seconds: number | undefined;
  /** Seconds since the newest event; undefined when there was none, or nobody says. */
  readonly silence: number | undefined;
  /** Fresh events of each category in those seconds; undefined where the record does not say. */
  readonly byKey: Readonly<Record<string, number>> | undefined;
  /** A few events of those seconds, the newest last; none where the record has none that can be read. */
  readonly samples: readonly SampleEvent[];
  /** The whole record, for fields that are asked for by path. */
  readonly fields: object;
}

export type DecodedMeasurement =
  | { readonly outcome: "measurement"; readonly measurement: Measurement }
  | { readonly outcome: "ignored" }
  | { readonly outcome: "bad"; readonly reason: string };

/** Marks of the records that detectors read. */
const MARKS = ["avg", "entropy", "byKey"];
/** Numbers, or null where they are unknown. */
const NUMBERS = ["avg", "entropy", "silence", "seconds", "stale", "events", "count", "window"];

/**
 * Decodes a line. An object that has neither `avg` nor `entropy` nor `byKey` nor a watched field is ignored; one that
 * has, and whose fields are of the wrong type, is bad.
 * @param watched paths of fields, such as `share.CA`, that must be numbers or null where they are.
 */
export function decodeMeasurement(text: string, watched: readonly string[]): DecodedMeasurement {
  const record = parseObject(text);
  if (typeof record === "string") return bad(record);
  if (![...MARKS, ...watched].some((path) => valueIn(record, path) !== undefined)) {
    return { outcome: "ignored" };
  }
  const { t, stream, connected } = record;
  if (typeof t !== "number" || !isTime(t)) return bad("expected ms since the epoch in t");
  if (stream !== undefined && typeof stream !== "string") return bad("expected a string in stream");
  if (connected !== undefined && typeof connected !== "boolean") {
    return bad("expected true or false in connected");
  }
  const wrong = [...NUMBERS, ...watched].find((path) => !isNumberOrUnknown(valueIn(record, path)));
  if (wrong !== undefined) return bad(`expected a number or null in ${wrong}`);
  const { byKey } = record;
  if (!areCounts(byKey)) return bad("expected counts, numbers from 0 on, in byKey");
  return {
    outcome: "measurement",
    measurement: {
      t,
      stream,
      connected: connected !== false,
      stale: Math.max(0, numberAt(record, "stale") ?? 0),
      seconds: numberAt(record, "seconds"),
      silence: numberAt(record, "silence"),
      byKey: byKey ?? undefined,
      samples: decodeSamples(record["examples"]),
      fields: record,
    },
  };
}

/** A stats record as detectors read it. */
export const measurementOf = (record: StatsRecord): Measurement => ({
  t: record.t,
  stream: record.stream,
  connected: record.connected,
  stale: record.stale,
  seconds: record.seconds,
  silence: record.silence ?? undefined,
  byKey: record.byKey,
  samples: record.examples ?? [],
  fields: record,
});

/** The number at a path of a decoded record; undefined where it is unknown or not there. */
export function numberAt(fields: object, path: string): number | undefined {
  const value = valueIn(fields, path);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

const isNumberOrUnknown = (value: unknown) =>
  value === undefined || value === null || (typeof value === "number" && Number.isFinite(value));

/** More than a double holds exactly is no count, and sums of it would be no numbers. */
const isCount = (value: unknown) =>
  typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;

function areCounts(value: unknown): value is Readonly<Record<string, number>> | null | undefined {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && !Array.isArray(value) && Object.values(value).every(isCount);
}

const bad = (reason: string): DecodedMeasurement => ({ outcome: "bad", reason });
