import type { ComparedShare } from "../api/wire.ts";

/** How a place is filled: by what it has, or, where it stands out, by how many times as much as usual. */
export type MapClass = `share-${0 | 1 | 2 | 3 | 4}` | `more-${1 | 2 | 3}` | `less-${1 | 2 | 3}`;

/** Least shares of the shades of places that are as usual; the first has nothing. */
export const SHARE_STEPS = [0, 0, 0.01, 0.03, 0.08] as const;
/** Least ratios of the shades of places that stand out; those with less have the inverse. */
export const RATIO_STEPS = [1, 2, 4] as const;

/**
 * The class of a place.
 *
 * Most small places double or halve from minute to minute by chance; to colour them by their ratio would be to draw
 * chance. Only those that stand out from it leave the neutral shades.
 */
export function mapClass(place: ComparedShare | undefined): MapClass {
  if (place === undefined) return "share-0";
  const { now, usual, standing } = place;
  if (standing === "surging") return `more-${step(usual === null || usual === 0 ? 99 : now / usual)}`;
  if (standing === "fallen") return `less-${step(now === 0 ? 99 : (usual ?? now) / now)}`;
  if (now === 0) return "share-0";
  return now < SHARE_STEPS[2]
    ? "share-1"
    : now < SHARE_STEPS[3]
      ? "share-2"
      : now < SHARE_STEPS[4]
        ? "share-3"
        : "share-4";
}

const step = (ratio: number): 1 | 2 | 3 => (ratio >= RATIO_STEPS[2] ? 3 : ratio >= RATIO_STEPS[1] ? 2 : 1);
