import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { formatSpan } from "../core/spans.ts";
import { type Broadcast, broadcast } from "./broadcast.ts";
import type { Channel, Wish } from "./listener.ts";
import { effectsAt, nextMoments } from "./timetable.ts";
import { STREAM_NAMES, type StreamName, type World } from "./world.ts";

/** The farthest that one turn goes on, ms of the stream: after a pause the rest follows turn by turn. */
const STEP_MS_MAX = 1000;

/** What happened to connections so far. */
export interface Connections {
  served: number;
  /** Times that the story cut the connections, and connections that were broken by it. */
  cuts: number;
  cut: number;
  /** Sent away because they read too slowly. */
  dropped: number;
}

/** All streams, running by the clock from the moment it is made. */
export interface Broadcaster {
  readonly streams: Readonly<Record<StreamName, Broadcast>>;
  readonly connections: Readonly<Connections>;
  /** Stream time, ms since the epoch. */
  time(): number;
  /** Sends what has become due. Call it every few hundredths of a second. */
  turn(): void;
  join(stream: StreamName, channel: Channel, wish: Wish): () => void;
  end(): void;
}

export function broadcaster(world: World, { clock, log }: { clock: Clock; log: Log }): Broadcaster {
  const { story, start } = world.settings;
  const begun = clock.elapsed();
  const connections: Connections = { served: 0, cuts: 0, cut: 0, dropped: 0 };
  const left = (stream: StreamName) => (why: "ended" | "behind") => {
    if (why === "ended") return;
    connections.dropped++;
    log.warning(`/2/${stream}: a listener read too slowly and was sent away`, { stream });
  };
  const streams = Object.fromEntries(
    STREAM_NAMES.map((name) => [name, broadcast(world.lines(name), { left: left(name) })]),
  ) as Record<StreamName, Broadcast>;
  const all = Object.values(streams);
  // Before the start, so that what happens at 0 s happens once.
  let offset = -1;
  let told = new Set<string>();

  function advance(to: number): void {
    const effects = effectsAt(story, to);
    const mute = effects.some(({ kind }) => kind === "stall");
    for (const stream of all) stream.advance(to, { now: begun + to, mute });
    offset = to;
  }

  function cutAll(at: number): void {
    const count = all.reduce((sum, stream) => sum + stream.cut(), 0);
    connections.cuts++;
    connections.cut += count;
    log.info(`story, at ${formatSpan(at / 1000)}: cut ${plural(count, "connection")}`, { count });
  }

  /** Tells what begins and ends, once. */
  function tellStory(): void {
    const active = story.filter(
      ({ effect, lasts }) => lasts > 0 && effectsAt(story, offset).includes(effect),
    );
    const now = new Set(active.map(({ text }) => text));
    for (const text of now) if (!told.has(text)) log.info(`story: ${text} begins`);
    for (const text of told) if (!now.has(text)) log.info(`story: ${text} ends`);
    told = now;
  }

  return {
    streams,
    connections,
    time: () => start + Math.max(0, Math.floor(offset)),
    turn() {
      const target = Math.min(clock.elapsed() - begun, offset + STEP_MS_MAX);
      for (
        let [cut] = nextMoments(story, "cut", { after: offset });
        cut !== undefined && cut.at <= target;
      ) {
        advance(cut.at);
        cutAll(cut.at);
        [cut] = nextMoments(story, "cut", { after: cut.at });
      }
      advance(target);
      tellStory();
    },
    join(stream, channel, wish) {
      connections.served++;
      return streams[stream].join(channel, wish);
    },
    end() {
      for (const stream of all) stream.end();
    },
  };
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
