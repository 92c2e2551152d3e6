/** Categories that are told apart. */
const CHANNELS_MAX = 1000;

/**
 * A channel for each category, in the order in which they came: at most 1,000; a further one gets the channel of one that
 * `isIdle` says is not needed, or none.
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

  /** @param release told of a channel that is another one's from now on. @returns undefined where there is no room. */
  of(
    category: string,
    { isIdle, release }: { isIdle: (channel: number) => boolean; release: (channel: number) => void },
  ): number | undefined {
    const known = this.#numbers.get(category);
    if (known !== undefined) return known;
    let channel = this.#names.length;
    if (channel >= CHANNELS_MAX) {
      channel = this.#names.findIndex((_, number) => isIdle(number));
      if (channel < 0) return undefined;
      this.#numbers.delete(this.#names[channel]!);
      release(channel);
    }
    this.#names[channel] = category;
    this.#numbers.set(category, channel);
    return channel;
  }

  restore(names: readonly string[]): void {
    this.#names = names.slice(0, CHANNELS_MAX);
    this.#numbers = new Map(this.#names.map((name, channel) => [name, channel]));
  }
}
