/**
 * A number to ten significant figures: more would be the last bits of a sum or a logarithm, which differ between
 * orders of adding and versions of the runtime.
 */
export const tenFigures = (value: number): number => Number(value.toPrecision(10));

/** The same, where there is a number. */
export const tenFiguresOrNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : tenFigures(value);
