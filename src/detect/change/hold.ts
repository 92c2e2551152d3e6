import type { Json, Moment } from "../detector.ts";
import { numberOrNull } from "../snapshot.ts";
import { NEW_NORMAL_MS } from "./told-change.ts";

/** While another detector's episode is open, for 15 min nothing is learnt from what may not be usual. Holds one number. */
export class Hold {
  #since: number | null = null;

  /** It began with this record. */
  begins({ now, frozen }: Moment): boolean {
    if (!frozen) this.#since = null;
    if (!frozen || this.#since !== null) return false;
    this.#since = now;
    return true;
  }

  lasts({ now }: Moment): boolean {
    return this.#since !== null && now - this.#since < NEW_NORMAL_MS;
  }

  snapshot(): Json {
    return this.#since;
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    this.#since = numberOrNull({ since: snapshot }, "since");
  }
}
