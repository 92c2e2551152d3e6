import { systemClock } from "../core/clock.ts";
import { environmentVariable } from "../core/environment.ts";
import { reasonOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { closeQuietly } from "../profiles/close-quietly.ts";
import { type Profiler, profiler } from "../profiles/profiler.ts";
import { openIdFile } from "../sinks/documents/id-file.ts";
import { idFolderOf, openDocuments } from "../sinks/documents/target.ts";
import { checkedKey } from "../sources/meetup-rest/address.ts";
import { meetupRest } from "../sources/meetup-rest/client.ts";
import type { ProfilesSettings } from "./config.ts";

/** Longest time without progress at an end that nobody asked for, s. */
const GIVE_UP = 10;
/** Longest wait for a store to close, ms: a database that does not answer must not keep the process. */
const CLOSE_MS_MAX = 300;

/** The profiles of whom all streams name. */
export interface ProfilesPart {
  readonly profiler: Profiler;
  /** Ends the work after the batch in flight; ids that wait are kept for the next run. */
  end(): Promise<void>;
}

/**
 * Opens what asks for profiles. When it fails for good that is told, and ids are kept for a later run: messages are of
 * use without it.
 * @throws ToolError when it cannot be opened.
 */
export async function openProfiles(
  settings: ProfilesSettings,
  { log, stop }: { readonly log: Log; readonly stop: AbortSignal },
): Promise<ProfilesPart> {
  const { to, api, redact, refresh, state } = settings;
  const key = checkedKey(environmentVariable("MEETUP_API_KEY"), api);
  const clock = systemClock;
  const store = await openDocuments(to);
  try {
    const ids = await openIdFile(state ?? idFolderOf(to), { refresh, clock });
    const source = await meetupRest({ api, key, redact, clock, allowance: ids.allowance });
    const halt = new AbortController();
    const work = profiler({
      ...{ source, store, ids, clock, log },
      random: Math.random,
      stop: AbortSignal.any([stop, halt.signal]),
      giveUp: GIVE_UP,
    });
    let told = false;
    const settled = () =>
      work.drain().catch((error: unknown) => {
        if (!told) log.error(`profiles: ${reasonOf(error)}; ids are kept for a later run`);
        told = true;
      });
    work.failed.addEventListener("abort", () => void settled(), { once: true });
    return {
      profiler: work,
      async end() {
        halt.abort();
        await settled();
        ids.close();
        await source.close();
        await closeQuietly(store, { clock: systemClock, max: CLOSE_MS_MAX });
      },
    };
  } catch (error) {
    await closeQuietly(store, { clock: systemClock, max: CLOSE_MS_MAX });
    throw error;
  }
}
