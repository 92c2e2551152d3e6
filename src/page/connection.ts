import type { ServerEvents } from "../api/wire.ts";
import { retryDelay } from "./retry-delay.ts";

/** Silence after which a connection counts as dead, ms: the API tells its health each 5 s. */
const SILENCE_MAX = 12_000;
const NAMES = [
  "stats",
  "alert",
  "shares",
  "health",
  "usual",
  "skipped",
] as const satisfies readonly (keyof ServerEvents)[];

/** One event of the API, by its name. */
export type Message = {
  [K in keyof ServerEvents]: { readonly name: K; readonly data: ServerEvents[K] };
}[keyof ServerEvents];

/** What a connection tells. */
export interface Listener {
  /** It is open: what was missed must be asked for. */
  opened(): void;
  received(message: Message): void;
  /** It is lost, and will be tried again. */
  lost(): void;
}

/**
 * Keeps a connection to the API's events: one EventSource at a time, a new one after each failure.
 *
 * EventSource itself gives up on an answer that is not 200, and never notices a line that went dead, so it is closed on
 * every error, and when nothing has come for 12 s.
 */
export function connect(url: string, listener: Listener): void {
  let attempt = 0;
  let watchdog: ReturnType<typeof setTimeout> | undefined;

  const start = (): void => {
    const source = new EventSource(url);
    const retry = (): void => {
      clearTimeout(watchdog);
      source.close();
      listener.lost();
      setTimeout(start, retryDelay(attempt++, Math.random()));
    };
    const heard = (): void => {
      clearTimeout(watchdog);
      watchdog = setTimeout(retry, SILENCE_MAX);
    };
    source.addEventListener("open", () => {
      attempt = 0;
      heard();
      listener.opened();
    });
    source.addEventListener("error", retry, { once: true });
    for (const name of NAMES) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        heard();
        const message = decoded(name, data);
        if (message !== undefined) listener.received(message);
      });
    }
    heard();
  };
  start();
}

/** The API is of the same version as the page, so its types are believed; a line cut short is not. */
function decoded(name: keyof ServerEvents, data: string): Message | undefined {
  try {
    return { name, data: JSON.parse(data) } as Message;
  } catch {
    return undefined;
  }
}
