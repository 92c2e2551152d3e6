import type { Log } from "../core/log.ts";
import type { Profiler } from "../profiles/profiler.ts";
import { asLine } from "../records/event-message.ts";
import { Places } from "../records/place.ts";
import { type ProfileIds, profileIdReader } from "../records/profile-ids.ts";
import { redactor } from "../records/redact.ts";
import type { Archiver } from "../sinks/objects/archiver.ts";
import { safeName } from "../sinks/objects/object-name.ts";
import type { CollectedEvent } from "./collected-lines.ts";
import type { StreamSettings } from "./config.ts";
import type { PlaceFile } from "./places.ts";

/** Stands for an event in the archiver's order: what is known of it is in ours. */
const MARK = Buffer.from("\n");
const NOBODY: ProfileIds = { member: undefined, group: undefined };

export interface KeepingOptions {
  /** Makes the archive, which tells `release` what it has for good; undefined: nothing is archived. */
  readonly archiver?: ((release: (marks: readonly Buffer[]) => void) => Archiver) | undefined;
  /** Values at these paths are null in the archive. */
  readonly archiveRedact: readonly string[];
  readonly profiler?: Profiler | undefined;
  readonly places: PlaceFile;
  readonly log: Log;
}

/** One stream's way into what all share. */
export interface KeptStream {
  take(event: CollectedEvent): void;
  /** Events that are kept for good. */
  readonly kept: number;
}

/**
 * Keeps the events of all streams: first in the archive; once that has them, their ids where no end of the process loses
 * them; and only then the place of their stream moves on. So what is not kept is asked for again after a kill.
 *
 * Holds what is known of each event until the archive has it; `room` says when that is too much.
 */
export interface Keeping {
  stream(settings: StreamSettings, before: { readonly passed: number | undefined }): KeptStream;
  /** Begins to keep what was taken. Never throws: `failed` says when nothing can be kept any more. */
  send(): void;
  /** undefined when there is room for more; else resolves when there may be. */
  room(): Promise<void> | undefined;
  /** Writes down how far the streams are, now and then. Never throws, as `send`. */
  settle(): void;
  /** Events that were taken and are not kept for good. */
  readonly unkept: number;
  /** Keeps what was taken. @throws ToolError when not all could be. */
  drain(giveUp: AbortSignal): Promise<void>;
  readonly failed: AbortSignal;
}

interface Tracker {
  readonly settings: StreamSettings;
  readonly places: Places;
  kept: number;
}

interface Pending {
  readonly tracker: Tracker;
  readonly t: number;
  readonly cursor: string | undefined;
  readonly ids: ProfileIds;
}

export function keeping({ profiler, places, log, ...options }: KeepingOptions): Keeping {
  const hide = options.archiveRedact.length > 0 ? redactor(options.archiveRedact) : undefined;
  const reader = profileIdReader();
  const failed = new AbortController();
  const oddIn = new Set<string>();
  let pending: Pending[] = [];
  let failure: unknown;

  const fail = (error: unknown) => {
    failure ??= error;
    failed.abort();
  };

  /** The first so many that are pending are in the archive, for good. */
  function release(count: number): void {
    const done = pending.slice(0, count);
    pending = pending.slice(count);
    for (const { ids } of done) if (ids !== NOBODY) profiler?.push(ids);
    profiler?.flush();
    const moved = new Set<Tracker>();
    for (const { tracker, t, cursor } of done) {
      tracker.places.pass(t, cursor);
      tracker.kept++;
      moved.add(tracker);
    }
    for (const { settings, places: passed } of moved) {
      const { last: place } = passed;
      if (place !== undefined) places.moved(settings.stream, { address: settings.source.url, place });
    }
    places.settle();
  }
  const archiver = options.archiver?.((marks) => release(marks.length));
  archiver?.failed.addEventListener("abort", () => fail(undefined), { once: true });

  function idsIn(message: Buffer, stream: string): ProfileIds {
    const line = asLine(message);
    const outcome = reader.read(line, 0, message.length);
    if (outcome === "event") {
      const { member, group } = reader.ids;
      return member === undefined && group === undefined ? NOBODY : { member, group };
    }
    if (!oddIn.has(stream)) log.warning(`${stream}: a message that names nobody to ask for: ${outcome}`);
    oddIn.add(stream);
    return NOBODY;
  }

  function send(): void {
    if (failed.signal.aborted) return;
    try {
      if (archiver === undefined) release(pending.length);
      else archiver.send();
    } catch (error) {
      fail(error);
    }
  }

  return {
    stream(settings, { passed }) {
      const tracker: Tracker = { settings, places: new Places(passed), kept: 0 };
      const label = safeName(settings.stream);
      const asksProfiles = profiler !== undefined && settings.profiles;
      return {
        take({ t, id, cursor, message }) {
          if (settings.archive) {
            const bytes = hide === undefined ? message : (hide(message) ?? message);
            archiver?.push({ label, id, t, bytes });
          }
          const ids = asksProfiles ? idsIn(message, settings.stream) : NOBODY;
          pending.push({ tracker, t, cursor, ids });
          archiver?.pass(MARK);
        },
        get kept() {
          return tracker.kept;
        },
      };
    },
    send,
    room() {
      const waits = [archiver?.room(), profiler?.room()].filter((wait) => wait !== undefined);
      // What failed is told by `failed`; whoever waits for room must not tell it too.
      return waits.length === 0 ? undefined : Promise.allSettled(waits).then(() => {});
    },
    settle() {
      try {
        if (!failed.signal.aborted) places.settle();
      } catch (error) {
        fail(error);
      }
    },
    get unkept() {
      return pending.length;
    },
    async drain(giveUp) {
      if (failure !== undefined) throw failure;
      if (archiver === undefined) release(pending.length);
      else await archiver.drain(giveUp);
    },
    failed: failed.signal,
  };
}
