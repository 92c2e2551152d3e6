import type { Snapshot } from "../detector.ts";
import { arrayOf, endingOf, fieldsOf, isNumber, numberOf } from "../snapshot.ts";

/** How the change went that was told last. */
export class Course {
  /** When it began, as far as is known; after a turn or an end, since when that has been so, ms. */
  begun = 0;
  direction: "up" | "down" = "up";
  /** With the last record what had changed one way was found to have changed the other way. */
  hasTurned = false;
  ended: "returned" | "new-normal" | undefined;
  /** The channels that changed, the one that stood out most when it was told first; known once it is over. */
  channels: readonly number[] = [];

  begin(begun: number, direction: "up" | "down"): void {
    this.begun = begun;
    this.direction = direction;
    this.ended = undefined;
  }

  turn(since: number): void {
    this.begun = since;
    this.direction = this.direction === "up" ? "down" : "up";
    this.hasTurned = true;
  }

  end(how: "returned" | "new-normal", channels: readonly number[]): void {
    this.ended = how;
    this.channels = channels;
  }

  snapshot(): Snapshot {
    const { begun, direction, ended, channels } = this;
    return { begun, direction, ended: ended ?? null, channels: [...channels] };
  }

  /** @throws ToolError (badInput) when the snapshot is damaged. */
  restore(snapshot: unknown): void {
    const fields = fieldsOf(snapshot, "course");
    this.begun = numberOf(fields, "begun");
    this.direction = fields["direction"] === "down" ? "down" : "up";
    this.ended = endingOf(fields["ended"]);
    this.channels = arrayOf(fields, "channels", isNumber);
  }
}
