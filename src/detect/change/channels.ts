/** Categories that are told apart. */
const CHANNELS_MAX = 1000;

/**
 * A channel for each category, in the order in which they came: at most 1,000; then a further one gets the channel of
 * one that is given up for it, or none.
 */
export class Channels {
  #names: string[] = [];
  #numbers = new Map<string, number>();

  get size(): number {
    return this.#names.length;
  }
  get names(): readonly string[] {
    return this.#names;
  }

  /** @param giveUp which channel another category gives up; undefined: none. @returns undefined where there is no room. */
  of(category: string, giveUp: () => number | undefined): number | undefined {
    const known = this.#numbers.get(category);
    if (known !== undefined) return known;
    const channel = this.size < CHANNELS_MAX ? this.size : giveUp();
    if (channel === undefined) return undefined;
    const before = this.#names[channel];
    if (before !== undefined) this.#numbers.delete(before);
    this.#names[channel] = category;
    this.#numbers.set(category, channel);
    return channel;
  }

  restore(names: readonly string[]): void {
    this.#names = names.slice(0, CHANNELS_MAX);
    this.#numbers = new Map(this.#names.map((name, channel) => [name, channel]));
  }
}
