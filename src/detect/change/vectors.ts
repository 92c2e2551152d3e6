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
