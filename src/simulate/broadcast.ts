import { ByteWriter } from "../core/byte-writer.ts";
import { type History, history } from "./history.ts";
import { type Channel, type Listener, listener, type Wish } from "./listener.ts";
import type { LineSource } from "./world.ts";

/** First size of the buffer in which the lines of one turn are gathered, bytes. */
const BATCH_BYTES = 1 << 16;
/** How far the next line is looked for when a connection is cut in its middle, ms. */
const LOOK_AHEAD_MS = 60_000;

export interface BroadcastEvents {
  /** A listener is gone: `ended` by the wish it came with, `behind` when it read too slowly. */
  left(why: "ended" | "behind"): void;
}

/** One stream, and those who listen to it. */
export interface Broadcast {
  readonly history: History;
  /** Connections that are open. */
  readonly listening: number;
  /** Messages handed to connections, all of them together. */
  readonly sent: number;
  /** Sends what is due until `offset`, ms from the start. `mute`: it is made and kept, but not sent yet. */
  advance(offset: number, state: { readonly now: number; readonly mute: boolean }): void;
  /** Adds a listener. @returns what takes it away when its connection is gone. */
  join(channel: Channel, wish: Wish): () => void;
  /** Breaks all connections. @returns how many. */
  cut(): number;
  /** Ends all connections in an orderly way. */
  end(): void;
}

export function broadcast(source: LineSource, events: BroadcastEvents): Broadcast {
  const sent = history();
  const writer = new ByteWriter(BATCH_BYTES);
  const listeners = new Set<Listener>();
  let ahead: { readonly at: number; readonly bytes: Buffer; readonly mtime: number | undefined } | undefined;
  let sentBefore = 0;
  let reached = 0;
  let now = 0;
  let mute = false;

  function leave(gone: Listener): void {
    if (listeners.delete(gone)) sentBefore += gone.sent;
  }

  function pump(member: Listener): void {
    if (mute || !listeners.has(member)) return;
    const outcome = member.pump(now);
    if (outcome === "listening") return;
    leave(member);
    if (outcome === "done") member.channel.end();
    else member.channel.cut(undefined);
    events.left(outcome === "done" ? "ended" : "behind");
  }

  /** All lines due by `offset`, as one batch. */
  function gather(offset: number): void {
    const ends: number[] = [];
    const mtimes: (number | undefined)[] = [];
    let at = 0;
    const add = (line: { at: number; mtime: number | undefined }) => {
      at = line.at;
      ends.push(writer.length);
      mtimes.push(line.mtime);
    };
    if (ahead !== undefined && ahead.at <= offset) {
      writer.bytes(ahead.bytes, 0, ahead.bytes.length);
      add(ahead);
      ahead = undefined;
    }
    for (let due = ahead === undefined ? source.nextAt(offset) : undefined; due !== undefined; ) {
      add({ at: due, mtime: source.write(writer) });
      due = source.nextAt(offset);
    }
    if (ends.length > 0) sent.append({ at, bytes: writer.take(), ends, mtimes });
  }

  /** The line that would be sent next, made already; it is sent when its time has come. */
  function lookAhead(): Buffer | undefined {
    if (ahead === undefined) {
      const at = source.nextAt(reached + LOOK_AHEAD_MS);
      if (at === undefined) return undefined;
      const mtime = source.write(writer);
      ahead = { at, mtime, bytes: writer.take() };
    }
    return ahead.bytes;
  }

  return {
    history: sent,
    get listening() {
      return listeners.size;
    },
    get sent() {
      return [...listeners].reduce((sum, member) => sum + member.sent, sentBefore);
    },
    advance(offset, state) {
      gather(offset);
      reached = offset;
      now = state.now;
      if (mute && !state.mute) for (const member of listeners) member.forgive();
      mute = state.mute;
      if (mute) return;
      for (const member of listeners) {
        pump(member);
        member.keepAlive(now);
      }
    },
    join(channel, wish) {
      const member: Listener = listener(sent, channel, { wish, now, resumed: () => pump(member) });
      listeners.add(member);
      pump(member);
      return () => leave(member);
    },
    cut() {
      const nextLine = listeners.size > 0 ? lookAhead() : undefined;
      const cut = [...listeners];
      for (const member of cut) {
        leave(member);
        member.channel.cut(nextLine);
      }
      return cut.length;
    },
    end() {
      for (const member of [...listeners]) {
        leave(member);
        member.channel.end();
      }
    },
  };
}
