import type { Example } from "./alert.ts";

/** What a person is shown of an event. */
export interface ShownEvent {
  readonly id: string | null;
  /** What its message says; undefined where it has no words. */
  readonly words: string | undefined;
  /** A link to it. */
  readonly url: string | undefined;
  /** What one message is called: `RSVP`. */
  readonly noun: string;
}

/** An event as an example: its words, or else what it is and where it comes from. */
export function exampleOf({ id, words, url, noun }: ShownEvent, key: string | null): Example {
  return { id, text: words ?? (key === null ? noun : `${noun} from ${key}`), url: url ?? null };
}
