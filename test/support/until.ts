import { setTimeout as delay } from "node:timers/promises";

/**
 * Waits for a condition, looking every 20 ms. @throws after `seconds` (default 30: a loaded machine is slow), with
 * what was awaited.
 */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await delay(20);
  }
}
