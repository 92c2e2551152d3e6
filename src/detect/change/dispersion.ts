import type { Snapshot } from "../detector.ts";
import { fieldsOf, numberOf } from "../snapshot.ts";
import { add, type Counted, countedOf, empty, nothing } from "./counted.ts";
import { type Numbers, numbersOf } from "./vectors.ts";

/** A time scale: blocks of so many seconds, remembered for so long, s; one block's index is at most `most`. */
interface Scale {
  readonly seconds: number;
  readonly memory: number;
  readonly most: number;
}
/** Long blocks are few in a quarter of an hour: they are remembered for an hour. */
const SCALES: readonly Scale[] = [
  { seconds: 1, memory: 900, most: 400 },
  { seconds: 4, memory: 900, most: 250 },
  { seconds: 16, memory: 1800, most: 150 },
  { seconds: 64, memory: 3600, most: 50 },
];
/** Before anything is known the index is this, and weighs as much as so many blocks; longer blocks begin with the index of shorter ones. */
const INDEX_AT_START = 3;
const BLOCKS_AT_START = 2;
/** Sums over a time are as dispersed as those over blocks of up to so many times its length. */
const SCALES_AHEAD = 2;

/** What counts are held against. */
export interface Expectation {
  /** By channel: expected count for each unit of exposure. */
  readonly parameters: Numbers;
  /** Sum over the channels of a count's variance for each unit of exposure. */
  readonly variance: number;
}

/** What is gathered for the next block, and what the blocks before it were. */
interface Blocks extends Counted {
  readonly scale: Scale;
  /** Squared residuals, what the model expects of them, and how many blocks they are of; all fade. */
  squares: number;
  expected: number;
  blocks: number;
  /** What is left of the belief at the start, in blocks. */
  prior: number;
}

const emptyBlocks = (scale: Scale): Blocks => ({
  scale,
  ...nothing(),
  squares: 0,
  expected: 0,
  blocks: 0,
  prior: BLOCKS_AT_START,
});

/**
 * Dispersion indices of counts: squared residuals over what the model expects of them (1 for independent events), in
 * blocks of 1, 4, 16 and 64 s, so that bursts of any length are seen. Over all channels together: their sums.
 *
 * Holds four numbers a channel.
 */
export class Dispersion {
  #blocks = SCALES.map(emptyBlocks);
  #indices = SCALES.map(() => INDEX_AT_START);

  push(counts: Numbers, exposure: number, seconds: number, expectation: Expectation): void {
    for (const blocks of this.#blocks) {
      add(blocks, { counts, exposure, seconds });
      if (blocks.seconds >= blocks.scale.seconds) close(blocks, expectation);
    }
  }

  /** What was measured until now holds from now on. */
  settle(): void {
    this.#indices = indicesOf(this.#blocks);
  }

  /** What is being gathered is left out. */
  drop(): void {
    for (const blocks of this.#blocks) empty(blocks);
  }

  /** The channel is another one's from now on. */
  clear(channel: number): void {
    for (const { counts } of this.#blocks) if (channel < counts.length) counts[channel] = 0;
  }

  /** The index of sums over `seconds`, at least 1: the greatest of the scales up to twice that. */
  over(seconds: number): number {
    let index = 1;
    for (let i = 0; i < SCALES.length; i++) {
      if (i > 0 && SCALES[i]!.seconds > SCALES_AHEAD * seconds) break;
      index = Math.max(index, this.#indices[i]!);
    }
    return index;
  }

  snapshot(): Snapshot {
    return {
      indices: this.#indices,
      blocks: this.#blocks.map(({ scale: _, counts, ...rest }) => ({ ...rest, counts: [...counts] })),
    };
  }

  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "dispersion");
    const [saved, indices] = [fields["blocks"], numbersOf(fields, "indices")];
    this.#indices = SCALES.map((_, i) => indices[i] ?? INDEX_AT_START);
    this.#blocks = SCALES.map((scale, i) => {
      const fields = fieldsOf(Array.isArray(saved) ? saved[i] : undefined, "blocks");
      const number = (name: string) => numberOf(fields, name);
      return {
        scale,
        ...countedOf(fields),
        squares: number("squares"),
        expected: number("expected"),
        blocks: number("blocks"),
        prior: number("prior"),
      };
    });
  }
}

/** The index of each scale: what was measured, and what was believed in the beginning. */
function indicesOf(all: readonly Blocks[]): number[] {
  let belief = INDEX_AT_START;
  return all.map(({ squares, expected, blocks, prior }) => {
    const measured = expected === 0 ? belief : squares / expected;
    belief = (measured * blocks + belief * prior) / (blocks + prior);
    return belief;
  });
}

function close(blocks: Blocks, { parameters, variance }: Expectation): void {
  const { scale, counts, exposure, seconds } = blocks;
  const expected = exposure * variance;
  if (expected > 0) {
    let squares = 0;
    for (let channel = 0; channel < counts.length; channel++) {
      const residual = counts[channel]! - exposure * (parameters[channel] ?? 0);
      squares += residual * residual;
    }
    const kept = Math.exp(-seconds / scale.memory);
    // A single event is no burst, however improbable.
    blocks.squares = blocks.squares * kept + Math.min(squares, scale.most * Math.max(expected, 1));
    blocks.expected = blocks.expected * kept + expected;
    blocks.blocks = blocks.blocks * kept + 1;
    blocks.prior *= kept;
  }
  empty(blocks);
}
