import { arrayOf, isNumber } from "../snapshot.ts";

/** Numbers by channel. */
export type Numbers = Float64Array<ArrayBuffer>;

/** The same numbers with room for at least `length`; what is new is 0. */
export function grown(numbers: Numbers, length: number): Numbers {
  if (numbers.length >= length) return numbers;
  const wider = new Float64Array(Math.max(length, 2 * numbers.length));
  wider.set(numbers);
  return wider;
}

/** Numbers of a snapshot. @throws ToolError (badInput) when it is damaged. */
export const numbersOf = (fields: Readonly<Record<string, unknown>>, name: string): Numbers =>
  Float64Array.from(arrayOf(fields, name, isNumber));

/** The channel below `channels` that has the least, of those that are eligible, the first of equals; undefined: none is. */
export function leastOf(
  channels: number,
  { of, isEligible }: { of: (channel: number) => number; isEligible: (channel: number) => boolean },
): number | undefined {
  let [least, lowest]: [number | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (let channel = 0; channel < channels; channel++) {
    const own = of(channel);
    if (own < lowest && isEligible(channel)) [least, lowest] = [channel, own];
  }
  return least;
}
