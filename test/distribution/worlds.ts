import type { Sighting } from "../../src/distribution/scored-events.ts";
import { Random } from "../../src/simulate/random.ts";

/** Made-up streams on which rarities are checked: what share of events is said to be one in so many? */

const START = 1_700_000_000_000;
/** How often a drifting world changes, ms. */
const DRIFT_MS = 600_000;

const normalised = (weights: readonly number[]): number[] => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};
/** Shares that fall with the rank: 1/rank^exponent. */
const zipf = (size: number, exponent: number) =>
  normalised(Array.from({ length: size }, (_, i) => (i + 1) ** -exponent));
/** Every division of the whole is as likely as any other. */
const redrawn = (size: number, random: Random) =>
  normalised(Array.from({ length: size }, () => random.exponential()));

function permuted(shares: readonly number[], random: Random): number[] {
  const order = [...shares];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

interface World {
  readonly drifts: boolean;
  shares(random: Random): number[];
}
const still = (shares: readonly number[]): World => ({ drifts: false, shares: () => [...shares] });
const drifting = (shares: (random: Random) => number[]): World => ({ drifts: true, shares });

export const WORLDS = {
  "200 Zipf-like": still(zipf(200, 1)),
  "200 Zipf-like, steeper": still(zipf(200, 1.2)),
  "10 uneven": still(zipf(10, 1)),
  "10 even": still(zipf(10, 0)),
  "10 redrawn": drifting((random) => redrawn(10, random)),
  "10 permuted": drifting((random) => permuted(zipf(10, 2), random)),
  "200 redrawn": drifting((random) => redrawn(200, random)),
  "200 permuted": drifting((random) => permuted(zipf(200, 1), random)),
} satisfies Record<string, World>;
export type WorldName = keyof typeof WORLDS;

export interface History {
  readonly world: WorldName;
  /** Events a second. */
  readonly rate: number;
  readonly events: number;
  readonly seed: number;
}

/** The events of a world, one object for all of them. */
export function* sightings({ world, rate, events, seed }: History): Generator<Sighting> {
  const { drifts, shares } = WORLDS[world];
  const random = new Random(world, rate, seed);
  const event = { at: START, name: "", key: () => event.name };
  let time = START;
  let changesAt = START;
  let cumulative: number[] = [];
  for (let i = 0; i < events; i++) {
    time += (random.exponential() * 1000) / rate;
    while (time >= changesAt) {
      let sum = 0;
      cumulative = shares(random).map((share) => (sum += share));
      changesAt = drifts ? changesAt + DRIFT_MS : Number.POSITIVE_INFINITY;
    }
    event.at = Math.round(time);
    event.name = `category ${placeOf(cumulative, random.uniform())}`;
    yield event;
  }
}

function placeOf(cumulative: readonly number[], u: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}
