import { fieldsOf, numberOf } from "../snapshot.ts";
import { grown, type Numbers, numbersOf } from "./vectors.ts";

/** What was counted in some time. */
export interface Counted {
  /** By channel. */
  counts: Numbers;
  exposure: number;
  seconds: number;
}

export const nothing = (): Counted => ({ counts: new Float64Array(0), exposure: 0, seconds: 0 });

export function add(to: Counted, { counts, exposure, seconds }: Counted): void {
  to.counts = grown(to.counts, counts.length);
  for (let channel = 0; channel < counts.length; channel++) to.counts[channel]! += counts[channel]!;
  to.exposure += exposure;
  to.seconds += seconds;
}

export function empty(counted: Counted): void {
  counted.counts.fill(0);
  counted.exposure = 0;
  counted.seconds = 0;
}

/** Of a snapshot. @throws ToolError (badInput) when it is damaged. */
export function countedOf(value: unknown): Counted {
  const fields = fieldsOf(value, "counts");
  return {
    counts: numbersOf(fields, "counts"),
    exposure: numberOf(fields, "exposure"),
    seconds: numberOf(fields, "seconds"),
  };
}
