/** Between two requests to a server that tells no limit, ms. */
const UNTOLD_MS = 1000;
/** A reset further away than this is a slip, ms. */
const RESET_MS_MAX = 86_400_000;

/** What is left of a window, by wall time, so that a restart can go on with it. */
export interface SavedAllowance {
  readonly remaining: number;
  /** When the window is over, ms since the Unix epoch. */
  readonly until: number;
}

/** Keeps an allowance across restarts. */
export interface AllowanceMemory {
  load(): SavedAllowance | undefined;
  /** Called before each request, which `saved` counts as made, and with each answer. @throws ToolError (io, permission). */
  save(saved: SavedAllowance): void;
}

/** The headers of an answer; undefined where there is none or it is no number. */
export interface ToldLimit {
  /** Requests that may still be made in this window. */
  readonly remaining: number | undefined;
  /** Seconds until the window is over. */
  readonly reset: number | undefined;
}

/**
 * How many requests may be made, as the server told with its last answer; of a server that tells nothing, one a second.
 *
 * One request at a time: the next is asked for when the last one's answer was told.
 */
export interface RequestAllowance {
  /** How long a request must wait, ms. */
  wait(): number;
  /** A request goes out. */
  spend(): void;
  told(limit: ToldLimit): void;
  /** What is left, for a person: undefined where nothing was told, or the window is over. */
  left(): SavedAllowance | undefined;
}

export function requestAllowance(
  clock: { now(): number },
  memory: AllowanceMemory | undefined,
): RequestAllowance {
  let window = memory?.load();
  let spentAt = Number.NEGATIVE_INFINITY;
  let tells = window !== undefined;
  // A clock that was set back makes no wait longer than the longest window.
  const left = () => {
    const now = clock.now();
    return window !== undefined && now < window.until && window.until - now <= RESET_MS_MAX
      ? window
      : undefined;
  };
  return {
    left,
    wait() {
      const open = left();
      if (open !== undefined && open.remaining <= 0) return open.until - clock.now();
      const since = clock.now() - spentAt;
      return tells || since < 0 ? 0 : Math.max(0, UNTOLD_MS - since);
    },
    spend() {
      spentAt = clock.now();
      const open = left();
      window = open === undefined ? undefined : { ...open, remaining: open.remaining - 1 };
      if (window !== undefined) memory?.save(window);
    },
    told({ remaining, reset }) {
      tells = remaining !== undefined && reset !== undefined;
      if (remaining === undefined || reset === undefined) return;
      // Seconds are rounded, we know not how; one more is never too early.
      const until = clock.now() + Math.min((reset + 1) * 1000, RESET_MS_MAX);
      window = { remaining, until };
      memory?.save(window);
    },
  };
}
