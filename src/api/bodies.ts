import type { LiveStream } from "./live-stream.ts";

/** Bodies that are kept at once. */
const KEPT_MAX = 50;

/**
 * Bodies of answers, made once for as long as nothing has come, whoever asks how often; all who wait for one hold the
 * same bytes. Holds up to 50 of them.
 */
export class Bodies {
  readonly #live: LiveStream;
  readonly #kept = new Map<string, Buffer>();
  #version = -1;

  constructor(live: LiveStream) {
    this.#live = live;
  }

  /** @param name tells it from the others. @param make gives the text, or throws: then nothing is kept. */
  of(name: string, make: () => string): Buffer {
    if (this.#version !== this.#live.version) {
      this.#kept.clear();
      this.#version = this.#live.version;
    }
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const made = Buffer.from(make());
    if (this.#kept.size < KEPT_MAX) this.#kept.set(name, made);
    return made;
  }
}
