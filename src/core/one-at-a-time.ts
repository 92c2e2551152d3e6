/** Work beside the input, one piece at a time; after one that failed there is no other. */
export class OneAtATime {
  readonly #failed = new AbortController();
  #running: Promise<void> | undefined;
  #failure: unknown;

  /** Aborts when a piece has failed. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Why, if one has. */
  get failure(): unknown {
    return this.#failure;
  }

  get isUnderWay(): boolean {
    return this.#running !== undefined;
  }

  /** Begins a piece, unless one is under way. */
  begin(work: () => Promise<void>): void {
    if (this.#running !== undefined) return;
    this.#running = work()
      .catch((error: unknown) => {
        this.#failure = error;
        this.#failed.abort();
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** @throws what ended a piece. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when nothing is under way, whatever became of it. */
  async over(): Promise<void> {
    await this.#running;
  }

  /** The same. @throws what ended it. */
  async done(): Promise<void> {
    await this.#running;
    this.check();
  }
}
