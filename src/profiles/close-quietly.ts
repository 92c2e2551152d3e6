import type { Clock } from "../core/clock.ts";
import type { DocumentStore } from "./document-store.ts";

/**
 * Closes a store; a database that does not answer must not keep the process. What goes wrong is of no interest any more.
 * @param max longest wait, ms.
 */
export async function closeQuietly(
  store: DocumentStore,
  { clock, max }: { readonly clock: Pick<Clock, "sleep">; readonly max: number },
): Promise<void> {
  const closed = new AbortController();
  const closing = store
    .close()
    .catch(() => {})
    .finally(() => closed.abort());
  await Promise.race([closing, clock.sleep(max, closed.signal)]);
}
