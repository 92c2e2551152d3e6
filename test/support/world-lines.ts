import { ByteWriter } from "../../src/core/byte-writer.ts";
import { type StreamName, type WorldSettings, world } from "../../src/simulate/world.ts";

/** Settings of a world for tests: ten events a second from the first second of 2026. */
export const plainWorld: WorldSettings = {
  seed: "test",
  rate: 10,
  start: Date.UTC(2026, 0, 1),
  disorder: "measured",
  story: [],
};

/** One line that a stream sends. */
export interface SentLine {
  /** ms from the start. */
  readonly at: number;
  /** undefined of a broken line. */
  readonly mtime: number | undefined;
  readonly bytes: Buffer;
}

/** What a stream sends within `span` ms. */
export function linesOf(
  settings: Partial<WorldSettings>,
  { span, stream = "rsvps" }: { span: number; stream?: StreamName },
): SentLine[] {
  const source = world({ ...plainWorld, ...settings }).lines(stream);
  const writer = new ByteWriter(4096);
  const lines: SentLine[] = [];
  for (let at = source.nextAt(span); at !== undefined; at = source.nextAt(span)) {
    const mtime = source.write(writer);
    lines.push({ at, mtime, bytes: writer.take() });
  }
  return lines;
}

/** A parsed message; what a test expects of it is what it tests. */
// biome-ignore lint/suspicious/noExplicitAny: the point of these tests is to look into foreign JSON.
export type Message = Record<string, any>;

/** The parsed messages among them. */
export const messagesOf = (lines: readonly SentLine[]): Message[] =>
  lines.filter(({ mtime }) => mtime !== undefined).map(({ bytes }) => JSON.parse(bytes.toString("utf8")));
