/** Time in which a weight halves, ms of stream time. */
export const HALF_LIFE_MS = 3_600_000;
/** Half-lives that stream time is past the landmark at most: sums of 2^53 events stay far below what a double holds. */
export const LANDMARK_HALF_LIVES_MAX = 64;
/** Largest step in which a power of two is applied: itself a double, and so is its inverse. */
const STEP_MAX = 1000;

/** The latest whole number of half-lives since the Unix epoch, ms: where a landmark for `time` may stand. */
export const landmarkOf = (time: number): number => Math.floor(time / HALF_LIFE_MS) * HALF_LIFE_MS;

/**
 * Where the landmark stands when stream time is `time`: it is left alone until 64 half-lives have passed, then it moves
 * to the last whole one. Weights are moved along by `scaled`, which changes none of them.
 */
export const movedLandmark = (landmark: number, time: number): number =>
  time - landmark < LANDMARK_HALF_LIVES_MAX * HALF_LIFE_MS ? landmark : landmarkOf(time);

/**
 * A weight times 2 to the power of a whole number, exactly, unless the product is too small for a double to hold in
 * full. The store's script takes the same steps, so both agree to the bit.
 */
export function scaled(weight: number, halfLives: number): number {
  let product = weight;
  let left = halfLives;
  while (Math.abs(left) > STEP_MAX) {
    if (product === 0 || product === Number.POSITIVE_INFINITY) return product;
    const step = left > 0 ? STEP_MAX : -STEP_MAX;
    product *= 2 ** step;
    left -= step;
  }
  return product * 2 ** left;
}

/** The whole half-lives between two landmarks, positive when `to` is the later one. */
export const halfLivesBetween = (from: number, to: number): number => Math.round((to - from) / HALF_LIFE_MS);

/**
 * Weight of what came at `at`, relative to `landmark`: 2 to the power of the half-lives between them.
 *
 * Forward decay: weights grow with arrival instead of shrinking with age, so nothing that was counted is touched again
 * (Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009). Whole half-lives are applied as a power of two, so
 * the weight relative to another landmark differs by an exact power of two.
 */
export function weightAt(at: number, landmark: number): number {
  const whole = Math.floor((at - landmark) / HALF_LIFE_MS);
  const rest = at - landmark - whole * HALF_LIFE_MS;
  return scaled(2 ** (rest / HALF_LIFE_MS), whole);
}

/** What a weight relative to `landmark` is to be multiplied by to know it as of `time`. */
export const decayUntil = (time: number, landmark: number): number => 1 / weightAt(time, landmark);
