/** Requests that one key may make in a window. */
const REQUESTS_MAX = 30;
/** Length of a window, ms. */
const WINDOW_MS = 10_000;
/** Keys that are told apart; with more, the oldest are forgotten. */
const KEYS_MAX = 1000;

/** How one request stands to the limit. */
export interface Allowance {
  readonly allowed: boolean;
  /** The headers that the API sent with every answer; the reset is in seconds. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts requests of each key in windows of 10 s, as the API did. `now` in ms, never going back. */
export function throttle(): (key: string, now: number) => Allowance {
  const windows = new Map<string, { readonly ends: number; used: number }>();
  return (key, now) => {
    let window = windows.get(key);
    if (window === undefined || now >= window.ends) {
      windows.delete(key);
      if (windows.size >= KEYS_MAX) windows.delete(windows.keys().next().value!);
      window = { ends: now + WINDOW_MS, used: 0 };
      windows.set(key, window);
    }
    const allowed = window.used < REQUESTS_MAX;
    if (allowed) window.used++;
    return {
      allowed,
      headers: {
        "x-ratelimit-limit": String(REQUESTS_MAX),
        "x-ratelimit-remaining": String(REQUESTS_MAX - window.used),
        "x-ratelimit-reset": String(Math.ceil((window.ends - now) / 1000)),
      },
    };
  };
}
