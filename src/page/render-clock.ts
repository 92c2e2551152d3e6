/** Least time between two drawings, ms. */
const EVERY = 700;
/** What comes within this after the first is drawn with it, ms: a second's messages come together. */
const GATHER = 60;

/** Draws when something changed: at most once in 0.7 s, and not while nobody looks. */
export interface RenderClock {
  /** Something changed. */
  changed(): void;
  /** The viewer did something: draws at once. */
  now(): void;
}

/** A clock for a drawing. */
export function renderClock(draw: () => void): RenderClock {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let due = false;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    due = document.hidden;
    if (due) return;
    drawnAt = performance.now();
    draw();
  };
  document.addEventListener("visibilitychange", () => {
    if (due && !document.hidden) now();
  });
  return {
    now,
    changed() {
      if (timer !== undefined || (due && document.hidden)) return;
      timer = setTimeout(now, Math.max(GATHER, drawnAt + EVERY - performance.now()));
    },
  };
}
