import type { Batch, History } from "./history.ts";

/** A listener that is further behind than this is sent away, bytes. */
const BEHIND_BYTES_MAX = 32 * 1024 * 1024;
/** A connection on which nothing was sent for so long gets a blank line, ms. */
const QUIET_MS_MAX = 5000;

/** Lines on their way to one who listens. */
export interface SentLines extends Pick<Batch, "at" | "bytes" | "ends" | "mtimes"> {
  /** The number that each message has in its stream, from 0; of a line that is no message, the next one's. */
  numbers(): readonly number[];
  /** Messages of the stream before the batch that they belong to. */
  readonly messagesBefore: number;
}

/** A connection to one who listens, whatever the protocol. */
export interface Channel {
  /** Sends lines. @returns false when there is no room for more until `whenRoom` calls. */
  send(lines: SentLines): boolean;
  /** Tells, each time that `send` said false, when there is room again. */
  whenRoom(resume: () => void): void;
  keepAlive(): void;
  /** Breaks the connection, in the middle of a line where the protocol can. */
  cut(nextLine: Buffer | undefined): void;
  /** Ends it in an orderly way. */
  end(): void;
}

/** What a listener asks for besides what is sent from now on. */
export interface Wish {
  /**
   * Messages with at least this mtime, of those that are kept. ms since the epoch. One that came late, with an older
   * mtime, while nobody listened, is not found by it: that is the protocol's own limit.
   */
  readonly sinceMtime?: number;
  /** The last so many messages, of those that are kept. */
  readonly sinceCount?: number;
  /** Messages from the one with this number on, of those that are kept. */
  readonly sinceNumber?: number;
  /** Messages that were sent at this time or later, of those that are kept: µs from the start. */
  readonly sinceSentUs?: number;
  /** Go on with what is sent from now on; else the connection ends behind what was kept. */
  readonly live: boolean;
}

export interface Listener {
  readonly channel: Channel;
  /** Messages handed to the connection. */
  readonly sent: number;
  /** Sends what there is and has room. @returns what became of the listener. */
  pump(now: number): "listening" | "done" | "behind";
  /** A blank line, where nothing was sent for a while. */
  keepAlive(now: number): void;
  /** What was sent until now counts no longer as being behind. */
  forgive(): void;
}

/**
 * One who listens to a stream. It holds a place in the stream's history and no bytes of its own, so a slow reader
 * costs nothing until what it waits for is gone.
 *
 * Kept messages come first, in the order in which they were sent; `sinceMtime` and `sinceCount` together mean both.
 * @param options.resumed called when the connection has room again: time to pump.
 */
export function listener(
  sent: History,
  channel: Channel,
  { wish, now, resumed }: { wish: Wish; now: number; resumed: () => void },
): Listener {
  const joined = sent.next;
  const asked: Asked = {
    number: Math.max(
      wish.sinceNumber ?? 0,
      wish.sinceCount === undefined ? 0 : sent.messages - wish.sinceCount,
    ),
    mtime: wish.sinceMtime ?? Number.NEGATIVE_INFINITY,
    sentUs: wish.sinceSentUs ?? Number.NEGATIVE_INFINITY,
  };
  const asksKept = [wish.sinceMtime, wish.sinceCount, wish.sinceNumber, wish.sinceSentUs];
  const wantsKept = !wish.live || asksKept.some((since) => since !== undefined);
  let place = wantsKept ? sent.first : joined;
  let forgiven = sent.bytes;
  let messages = 0;
  let room = true;
  let lastSent = now;
  channel.whenRoom(() => {
    room = true;
    resumed();
  });

  function give(lines: SentLines, time: number): void {
    if (lines.bytes.length === 0) return;
    for (const mtime of lines.mtimes) if (mtime !== undefined) messages++;
    lastSent = time;
    room = channel.send(lines);
  }

  return {
    channel,
    get sent() {
      return messages;
    },
    pump(time) {
      while (room) {
        if (place < sent.first) return "behind";
        if (!wish.live && place >= joined) return "done";
        const batch = sent.batch(place);
        if (batch === undefined) break;
        place++;
        give(place <= joined ? wanted(batch, asked) : whole(batch), time);
      }
      const reached = sent.batch(place)?.bytesBefore ?? sent.bytes;
      return sent.bytes - Math.max(reached, forgiven) > BEHIND_BYTES_MAX ? "behind" : "listening";
    },
    keepAlive(time) {
      if (!room || time - lastSent < QUIET_MS_MAX) return;
      lastSent = time;
      channel.keepAlive();
    },
    forgive() {
      forgiven = sent.bytes;
    },
  };
}

/** What messages must at least have to be among those that are asked for. */
interface Asked {
  readonly number: number;
  readonly mtime: number;
  readonly sentUs: number;
}

/** A batch with all of its lines. */
const whole = (batch: Batch): SentLines => ({
  ...batch,
  numbers() {
    let next = batch.messagesBefore;
    return batch.mtimes.map((mtime) => (mtime === undefined ? next : next++));
  },
});

/** When a message was sent, whole µs from the start: those of one batch a microsecond after the other. */
export const sentUs = (
  { at, messagesBefore }: Pick<SentLines, "at" | "messagesBefore">,
  number: number,
): number => Math.floor(at * 1000) + number - messagesBefore;

/** The messages of a batch that are asked for; lines that are no messages are sent but once. */
function wanted(batch: Batch, asked: Asked): SentLines {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  const mtimes: number[] = [];
  const numbers: number[] = [];
  let next = batch.messagesBefore;
  let length = 0;
  batch.mtimes.forEach((mtime, i) => {
    if (mtime === undefined) return;
    const number = next++;
    if (number < asked.number || mtime < asked.mtime || sentUs(batch, number) < asked.sentUs) return;
    const line = batch.bytes.subarray(batch.ends[i - 1] ?? 0, batch.ends[i]);
    parts.push(line);
    length += line.length;
    ends.push(length);
    mtimes.push(mtime);
    numbers.push(number);
  });
  const { at, messagesBefore } = batch;
  return { at, messagesBefore, bytes: Buffer.concat(parts), ends, mtimes, numbers: () => numbers };
}
