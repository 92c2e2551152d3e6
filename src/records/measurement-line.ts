import type { Tally } from "../core/tally.ts";
import { decodeMeasurement, type Measurement } from "./measurement.ts";

export interface MeasurementLineOptions {
  /** Paths of fields that must be numbers where they are. */
  readonly watched: readonly string[];
  /** The stream of records that name none. */
  readonly stream: string;
  /** Counts `judged` and `ignored`. */
  readonly tally: Tally;
}

/** Reads lines of rate, distribution and stats records. @returns what is wrong with a line, or undefined. */
export function measurementLine(
  { watched, stream, tally }: MeasurementLineOptions,
  take: (record: Measurement, stream: string) => void,
): (buffer: Buffer, start: number, end: number) => string | undefined {
  return (buffer, start, end) => {
    const decoded = decodeMeasurement(buffer.toString("utf8", start, end), watched);
    if (decoded.outcome === "bad") return decoded.reason;
    tally.add(decoded.outcome === "ignored" ? "ignored" : "judged");
    if (decoded.outcome === "measurement") take(decoded.measurement, decoded.measurement.stream ?? stream);
    return undefined;
  };
}
