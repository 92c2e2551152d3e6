import { jsonScanner } from "../core/json-scan.ts";

/** What a line of a recording is: a message, an event that holds one (ingest's own output, kept with tee), or a tick. */
export interface RecordedLine {
  readonly kind: "message" | "tick";
  /** Bounds of the message in the buffer. */
  readonly start: number;
  readonly end: number;
}

const EVENT_BEGINS = Buffer.from('{"t":');
const TICK_BEGINS = Buffer.from('{"tick":');

/** Finds the message in a line of a recording, whether it was recorded raw or as an event. */
export function recordedLines(): (buffer: Buffer, start: number, end: number) => RecordedLine {
  const scanner = jsonScanner(["at", "stream", "event"]);
  const begins = (buffer: Buffer, start: number, end: number, text: Buffer) =>
    end - start >= text.length &&
    buffer[start + 2] === text[2] &&
    buffer.compare(text, 0, text.length, start, start + text.length) === 0;
  return (buffer, start, end) => {
    if (begins(buffer, start, end, TICK_BEGINS)) return { kind: "tick", start, end };
    const whole: RecordedLine = { kind: "message", start, end };
    if (!begins(buffer, start, end, EVENT_BEGINS) || !scanner.scan(buffer, start, end)) return whole;
    const [at, stream, event] = scanner.starts;
    if (at! < 0 || stream! < 0 || event! < 0 || buffer[event!] !== 0x7b) return whole;
    return { kind: "message", start: event!, end: scanner.ends[2]! };
  };
}
