import { leapGuard } from "../core/leap-guard.ts";
import { arrivals } from "./arrival.ts";
import { headReader } from "./head.ts";
import { type MessagePaths, messageReader } from "./message.ts";
import type { Resumed } from "./resumed.ts";

/** An event, as a tool is given it. Valid during the call only. */
export interface EventAtHand {
  readonly stream: string;
  /** Event time, ms since the Unix epoch. */
  readonly t: number;
  /** Arrival time, ms since the Unix epoch. */
  readonly at: number;
  /** Its category, or null. */
  key(): string | null;
  id(): string | null;
  /** The source's place of it, as JSON; undefined where it has none, as raw messages have not. */
  cursor(): string | undefined;
  /** The message alone. To be copied where it is kept. */
  message(): Buffer;
  /** The whole line: an event record, or a raw message. To be copied where it is kept. */
  line(): Buffer;
}

/** A tick, as a tool is given it. Valid during the call only. */
export interface TickAtHand {
  readonly stream: string;
  /** Stream time, ms since the Unix epoch. */
  readonly at: number;
  readonly connected: boolean;
  /** The run that begins with it, and where. */
  resumed(): Resumed | undefined;
  /** The run ends with it, in good order. */
  ended(): boolean;
  line(): Buffer;
}

export interface EventReaderOptions {
  /** The stream of records that name none, and of raw messages. */
  readonly stream: string;
  /** Given: every line is a raw message; undefined: lines are records. */
  readonly paths?: MessagePaths | undefined;
}

export interface EventHandlers {
  event(event: EventAtHand): void;
  tick(tick: TickAtHand): void;
  /** A record that is neither. */
  ignored(): void;
  /** A raw message was stamped so far in the future that it is refused. */
  ahead(): void;
}

export interface EventReader {
  /** Reads one line. @returns undefined, or what is wrong with it. */
  line(buffer: Buffer, start: number, end: number): string | undefined;
  /** The input ended; a raw message that waited is given. */
  end(): void;
}

/**
 * Reads events and ticks, or raw messages, in the order of their lines.
 *
 * An event without `stream` is of `stream`; without `at`, `at` is the running maximum of `t`. A raw message more than
 * an hour ahead of that waits for the next one (leapGuard). Holds one message.
 */
export function eventReader(options: EventReaderOptions, handlers: EventHandlers): EventReader {
  return options.paths === undefined
    ? recordReader(options.stream, handlers)
    : rawReader(options.stream, options.paths, handlers);
}

function recordReader(stream: string, handlers: EventHandlers): EventReader {
  const { head, read, key, id, cursor, message, resumed, ended } = headReader(["event", "tick"]);
  const arrivalOf = arrivals();
  let buffer: Buffer = Buffer.alloc(0);
  let [start, end] = [0, 0];
  const atHand = {
    stream,
    t: 0,
    at: 0,
    connected: true,
    key,
    id,
    cursor,
    message,
    resumed,
    ended,
    line: () => buffer.subarray(start, end),
  };
  return {
    line(lineBuffer, lineStart, lineEnd) {
      const outcome = read(lineBuffer, lineStart, lineEnd);
      if (outcome === "ignored") {
        handlers.ignored();
        return undefined;
      }
      if (outcome !== "ok") return outcome;
      buffer = lineBuffer;
      start = lineStart;
      end = lineEnd;
      atHand.stream = head.stream ?? stream;
      atHand.t = head.t;
      if (head.kind === "tick") {
        atHand.at = head.at ?? head.t;
        atHand.connected = head.connected;
        handlers.tick(atHand);
      } else {
        atHand.at = arrivalOf(atHand.stream, head.t, head.at);
        handlers.event(atHand);
      }
      return undefined;
    },
    end() {},
  };
}

function rawReader(stream: string, paths: MessagePaths, handlers: EventHandlers): EventReader {
  const { head, read } = messageReader(paths);
  let line: () => Buffer = () => Buffer.alloc(0);
  const current = (): Omit<EventAtHand, "t" | "at"> => {
    const { key, id } = head;
    return { stream, key: () => key, id: () => id, cursor: () => undefined, message: line, line };
  };
  const guard = leapGuard<Omit<EventAtHand, "t" | "at">>({
    hold() {
      const copy = Buffer.from(line());
      return { ...current(), message: () => copy, line: () => copy };
    },
    give: (held, t) => handlers.event({ ...held, t, at: t }),
    refuse: () => handlers.ahead(),
  });
  return {
    line(buffer, start, end) {
      const outcome = read(buffer, start, end);
      if (outcome !== "ok") return outcome;
      const { t } = head;
      line = () => buffer.subarray(start, end);
      // What waited is given within this call: it has a copy of its own.
      const at = guard.offer(t);
      if (at !== undefined) handlers.event({ ...current(), t, at });
      return undefined;
    },
    end: guard.end,
  };
}
