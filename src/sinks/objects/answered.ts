import { timerMs } from "../../core/clock.ts";
import { formatSpan } from "../../core/spans.ts";

/** What nobody waits for any more. Its code is that of a connection that timed out: another try may work. */
class NoAnswer extends Error {
  readonly code = "ETIMEDOUT";
}

export interface Waiting {
  /** How long a request may move nothing, ms. */
  readonly silence: number;
  /** Ends the wait at once. */
  readonly giveUp: AbortSignal;
}

/** What a request is made with. */
export interface Moving {
  /** To be called when some of its bytes moved. */
  readonly moved: () => void;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/**
 * What a request gives. The client has a limit for small uploads only; one that nothing is heard of is aborted, and may still
 * have succeeded: an object is made once, whoever makes it.
 * @throws an error with the code ETIMEDOUT; what it threw.
 */
export async function answered<Result>(
  request: (moving: Moving) => Promise<Result>,
  { silence, giveUp }: Waiting,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    const late = () => fail(`no answer within ${formatSpan(silence / 1000)}`);
    const leave = () => fail("no answer so far");
    const gone = new AbortController();
    const timer = setTimeout(late, timerMs(silence));
    function settle(): void {
      clearTimeout(timer);
      giveUp.removeEventListener("abort", leave);
    }
    function fail(words: string): void {
      settle();
      reject(new NoAnswer(words));
      gone.abort();
    }
    giveUp.addEventListener("abort", leave, { once: true });
    const moved = () => void timer.refresh();
    request({ moved, signal: gone.signal }).finally(settle).then(resolve, reject);
  });
}
