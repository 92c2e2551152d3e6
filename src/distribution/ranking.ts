/**
 * Things numbered from 0, by how often they were raised, the most often first; ties in the order of their numbers' use.
 *
 * A raise moves past those with fewer. Holds three numbers a thing.
 */
export class Ranking {
  /** Numbers by rank. */
  readonly order: number[] = [];
  readonly #ranks: number[] = [];
  readonly #counts: number[] = [];

  rankOf(index: number): number {
    return this.#ranks[index]!;
  }

  /** The next number enters with a count and finds its rank. */
  enter(count: number): void {
    const index = this.order.length;
    this.order.push(index);
    this.#ranks.push(index);
    this.#counts.push(count);
    this.#climb(index);
  }

  raise(index: number): void {
    this.#counts[index]!++;
    this.#climb(index);
  }

  #climb(index: number): void {
    const count = this.#counts[index]!;
    let rank = this.#ranks[index]!;
    while (rank > 0 && this.#counts[this.order[rank - 1]!]! < count) {
      const passed = this.order[rank - 1]!;
      this.order[rank] = passed;
      this.#ranks[passed] = rank;
      rank--;
    }
    this.order[rank] = index;
    this.#ranks[index] = rank;
  }
}
