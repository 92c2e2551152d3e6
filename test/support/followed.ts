import { after } from "node:test";
import { systemClock } from "../../src/core/clock.ts";
import { faults } from "../../src/core/faults.ts";
import { logOf } from "../../src/core/log.ts";
import type { Output } from "../../src/core/output.ts";
import { Tally } from "../../src/core/tally.ts";
import type { EventRecord } from "../../src/records/event.ts";
import { shownAddress } from "../../src/sources/address.ts";
import type { Source } from "../../src/sources/catalogue.ts";
import { eventLines } from "../../src/sources/events.ts";
import { followLive, type LiveOptions } from "../../src/sources/live.ts";
import { liveStatus } from "../../src/sources/live-status.ts";

/** A source that is followed as ingest does, with its output in memory. */
export interface Followed {
  events(): EventRecord[];
  ticks(): { readonly connected: boolean }[];
  /** What was told, with its facts. */
  readonly told: { readonly message: string; readonly facts: Readonly<Record<string, unknown>> }[];
  readonly tally: Tally;
  /** From now on the reader takes nothing; until the function that it gives is called. */
  block(): () => void;
  /** Resolves when it has ended, with what was thrown. */
  readonly ended: Promise<unknown>;
  stop(): Promise<unknown>;
}

/** Follows a source with no waits between tries but those that the source asks for. */
export function followed(source: Source, more: Partial<LiveOptions> = {}): Followed {
  const stop = new AbortController();
  const tally = new Tally("events");
  const told: { message: string; facts: Readonly<Record<string, unknown>> }[] = [];
  const log = logOf((_, message, facts = {}) => void told.push({ message, facts }));
  let text = "";
  let gate: Promise<void> | undefined;
  const output: Output = {
    write(bytes) {
      text += bytes.toString();
      return true;
    },
    ready: () => gate,
    flush: async () => {},
    gone: stop.signal,
  };
  const filter = { drop: source.drop ?? [] };
  const lines = eventLines(
    { stream: source.name, paths: source.paths, filter, redact: [], raw: false },
    { tally, write: output.write },
  );
  const status = liveStatus({
    stream: source.name,
    url: shownAddress(source.url),
    tally,
    clock: systemClock,
  });
  const options: LiveOptions = {
    ...{ source, stream: source.name, ahead: 60, stall: 60, raw: false },
    ...{ clock: systemClock, random: () => 0, stop: stop.signal },
    ...more,
  };
  const ended = followLive(options, {
    ...{ lines, output, tally, log, status },
    faults: faults(log, tally, { strict: false }),
  }).catch((error: unknown) => error);
  const end = () => {
    stop.abort();
    return ended;
  };
  after(end);
  const records = () =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as EventRecord & { tick?: number; connected: boolean });
  return {
    events: () => records().filter(({ tick }) => tick === undefined),
    ticks: () => records().filter(({ tick }) => tick !== undefined),
    ...{ told, tally, ended, stop: end },
    block() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => {
        gate = undefined;
        open();
      };
    },
  };
}
