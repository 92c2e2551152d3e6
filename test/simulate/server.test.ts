import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Clock } from "../../src/core/clock.ts";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import { broadcaster } from "../../src/simulate/broadcaster.ts";
import { serve } from "../../src/simulate/server.ts";
import { parseStory } from "../../src/simulate/story.ts";
import { type StreamName, type WorldSettings, world } from "../../src/simulate/world.ts";
import { type LineClient, openLines } from "../support/line-client.ts";
import { until } from "../support/until.ts";
import { linesOf, plainWorld } from "../support/world-lines.ts";

/** A world served on a real socket, by a clock that the test moves. */
async function served(story: string, settings: Partial<WorldSettings> = {}) {
  let elapsed = 0;
  const clock: Clock = { now: () => elapsed, elapsed: () => elapsed, sleep: async () => {} };
  const told: string[] = [];
  const log = logOf((_, message) => told.push(message));
  const made = world({ ...plainWorld, story: parseStory(story), ...settings });
  const streams = broadcaster(made, { clock, log });
  const server = await serve(made, streams, { host: "127.0.0.1", port: 0, clock });
  after(async () => {
    streams.end();
    await server.close();
  });
  return {
    address: server.address,
    port: server.port,
    told,
    /** Lets the world go on to `seconds` from its start, in turns of 25 ms. */
    async goTo(seconds: number): Promise<void> {
      for (; elapsed < seconds * 1000; elapsed += 25) {
        streams.turn();
        // What was written leaves between turns, as it does when time is real.
        await nextTurn();
      }
    },
    made: (stream: StreamName = "rsvps") => streams.streams[stream].history.messages,
    listening: (stream: StreamName = "rsvps") => streams.streams[stream].listening,
    streams,
    server,
  };
}

/** The messages that a world makes between two times, as lines. */
const madeIn = (settings: Partial<WorldSettings>, from: number, to: number, stream: StreamName = "rsvps") =>
  linesOf(settings, { span: to * 1000, stream })
    .filter(({ at, mtime }) => at > from * 1000 && mtime !== undefined)
    .map(({ bytes }) => bytes.toString("utf8").trimEnd());

const mtimeOf = (line: string): number => JSON.parse(line).mtime;

const has = (client: LineClient, count: number) =>
  until(`${count} lines have come`, () => client.lines().length >= count && client.lines());

test("a listener hears what is sent from now on, as chunked JSON lines", async () => {
  const { address, goTo } = await served("");
  await goTo(1);
  const client = await openLines(`${address}/2/rsvps`);
  assert.equal(client.headers["content-type"], "application/json");
  assert.equal(client.headers["transfer-encoding"], "chunked");
  await goTo(4);
  const wanted = madeIn({}, 0.975, 3.975);
  assert.deepEqual(await has(client, wanted.length), wanted);
});

test("since_mtime and since_count give what was kept first", async () => {
  const { address, goTo, made } = await served("", { disorder: "none" });
  await goTo(5);
  const all = madeIn({ disorder: "none" }, -1, 4.975);
  assert.equal(made(), all.length);
  const since = plainWorld.start + 2000;
  const byTime = await openLines(`${address}/2/rsvps?since_mtime=${since}`);
  const byCount = await openLines(`${address}/2/rsvps?since_count=7`);
  const later = all.filter((line) => JSON.parse(line).mtime >= since);
  assert.deepEqual(await has(byTime, later.length), later);
  assert.deepEqual(await has(byCount, 7), all.slice(-7));
  await goTo(6);
  const more = madeIn({ disorder: "none" }, 4.975, 5.975);
  assert.deepEqual(await has(byCount, 7 + more.length), [...all.slice(-7), ...more]);
});

test("the stream of venues ends behind what was kept, unless it is told to trickle", async () => {
  const { address, goTo } = await served("");
  await goTo(10);
  const whole = await openLines(`${address}/2/open_venues`);
  assert.equal(await whole.over, "ended");
  assert.deepEqual(whole.lines(), madeIn({}, -1, 9.975, "open_venues"));
  const trickle = await openLines(`${address}/2/open_venues?trickle`);
  await goTo(30);
  await has(trickle, madeIn({}, 9.975, 29.975, "open_venues").length);
});

test("a cut breaks the connection inside a line; who resumes from the greatest mtime has every message", async () => {
  const settings = { disorder: "none" as const };
  const { address, goTo, streams } = await served("every=2s:cut", settings);
  const got = new Set<string>();
  let greatest = plainWorld.start;
  for (let cut = 1; cut <= 4; cut++) {
    const client = await openLines(`${address}/2/rsvps?since_mtime=${greatest}`);
    await goTo(2 * cut + 0.5);
    assert.equal(await client.over, "broken");
    const rest = client.text().slice(client.text().lastIndexOf("\n") + 1);
    assert.ok(rest.length > 100, "the last line stops in its middle");
    assert.throws(() => JSON.parse(rest));
    for (const line of client.lines()) {
      got.add(line);
      greatest = Math.max(greatest, mtimeOf(line));
    }
  }
  assert.deepEqual({ ...streams.connections }, { served: 4, cuts: 4, cut: 4, dropped: 0 });
  assert.deepEqual([...got].map(mtimeOf), madeIn(settings, -1, 8).map(mtimeOf));
});

test("a stall sends nothing at all, then everything that piled up", async () => {
  const { address, goTo, told } = await served("1s:stall:20s");
  const client = await openLines(`${address}/2/rsvps`);
  await goTo(1);
  const before = await has(client, madeIn({}, -1, 0.975).length);
  await goTo(20.9);
  const text = client.text();
  await goTo(21.5);
  const all = madeIn({}, -1, 21.475);
  assert.deepEqual(await has(client, all.length), all);
  assert.equal(text.trimEnd().split("\n").length, before.length, "not even a blank line");
  assert.deepEqual(told, ["story: 1s:stall:20s begins", "story: 1s:stall:20s ends"]);
});

test("a silence keeps the connection alive with blank lines", async () => {
  const { address, goTo } = await served("0s:silence");
  const client = await openLines(`${address}/2/rsvps`);
  await goTo(16);
  await until("three blank lines have come", () => client.text() === "\n\n\n");
});

test("broken lines are sent once, and not again to who asks for what was kept", async () => {
  const { address, goTo } = await served("1s:garbage=2");
  const live = await openLines(`${address}/2/rsvps`);
  await goTo(3);
  const all = madeIn({}, -1, 2.975);
  await has(live, all.length + 2);
  const kept = await openLines(`${address}/2/rsvps?since_count=1000`);
  assert.deepEqual(await has(kept, all.length), all);
});

test("a WebSocket gets one message a frame, what was kept first", async () => {
  const { address, goTo, listening } = await served("3s:cut");
  await goTo(1);
  const socket = new WebSocket(`${address.replace("http", "ws")}/2/rsvps?since_count=2`);
  const frames: string[] = [];
  socket.on("message", (data) => frames.push(data.toString()));
  const over = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {});
  await until("it listens", () => listening() === 1);
  await goTo(2);
  const wanted = [...madeIn({}, -1, 0.975).slice(-2), ...madeIn({}, 0.975, 1.975)];
  await until("the frames have come", () => frames.length >= wanted.length);
  assert.deepEqual(frames, wanted);
  await goTo(3.1);
  assert.equal(await over, 1006, "cut without a closing handshake");
});

/** Server-Sent Events as they stand, their ids and data. */
const eventsIn = (text: string) =>
  [...text.matchAll(/(?:^|\n\n)event: message\n(?:id: (.*)\n)?data: (.*)(?=\n\n)/g)].map(([, id, data]) => ({
    id,
    data,
  }));

test("Server-Sent Events have an id each but for broken lines, a retry first, and comments when it is quiet", async () => {
  const { address, goTo } = await served("1s:garbage=2,3s:silence");
  const client = await openLines(`${address}/v2/stream/rsvps`);
  assert.match(String(client.headers["content-type"]), /^text\/event-stream/);
  await goTo(15);
  const wanted = madeIn({ story: parseStory("3s:silence") }, -1, 14.975);
  await until("a comment has come", () => client.text().includes(": quiet\n\n"));
  const events = eventsIn(client.text());
  assert.match(client.text(), /^retry: 1000\n\nevent: /);
  assert.deepEqual(
    events.filter(({ id }) => id !== undefined).map(({ data }) => data),
    wanted,
  );
  assert.equal(events.length, wanted.length + 2);
  assert.equal(new Set(events.map(({ id }) => id)).size, wanted.length + 1);
});

test("Last-Event-ID resumes exactly, whatever the order of times; the id of another run begins from now on", async () => {
  const { address, goTo, streams } = await served("every=2s:cut");
  const got: string[] = [];
  let last: string | undefined;
  for (let cut = 1; cut <= 4; cut++) {
    const headers = last === undefined ? {} : { "last-event-id": last };
    const client = await openLines(`${address}/v2/stream/rsvps`, headers);
    await goTo(2 * cut + 0.5);
    assert.equal(await client.over, "broken");
    const events = eventsIn(client.text());
    got.push(...events.map(({ data }) => data!));
    last = events.at(-1)?.id ?? last;
    assert.match(client.text(), /data: \{[^\n]{100,}$/, "the last event stops in its middle");
  }
  assert.deepEqual(got, madeIn({}, -1, 8));
  const stranger = await openLines(`${address}/v2/stream/rsvps`, {
    "last-event-id": last!.replace("start", "x"),
  });
  await goTo(9);
  const after = madeIn({}, 8.475, 8.975);
  await until("it hears", () => eventsIn(stranger.text()).length >= after.length);
  assert.deepEqual(
    eventsIn(stranger.text()).map(({ data }) => data),
    after,
  );
  assert.equal(streams.connections.cut, 4);
});

test("RSVPs as commits: a cursor gives what was sent since, byte for byte the same", async () => {
  const { address, goTo, listening } = await served("");
  const url = `${address.replace("http", "ws")}/subscribe`;
  const hear = async (query: string) => {
    const before = listening();
    const socket = new WebSocket(url + query);
    const frames: string[] = [];
    socket.on("message", (data) => frames.push(data.toString()));
    await until("it listens", () => listening() === before + 1);
    return frames;
  };
  const first = await hear("");
  await goTo(10);
  const count = madeIn({}, -1, 9.975).length;
  await until("all have come", () => first.length === count);
  for (const from of [0, 7, count - 1]) {
    const cursor = JSON.parse(first[from]!).time_us;
    const again = await hear(`?cursor=${cursor}`);
    await until("what was kept has come", () => again.length === count - from);
    assert.deepEqual(again, first.slice(from));
  }
  const future = await hear(`?cursor=${(plainWorld.start + 60_000) * 1000}`);
  assert.equal(future.length, 0);
  assert.equal((await fetch(`${address}/subscribe`)).status, 426);
  assert.equal((await fetch(`${address}/subscribe?cursor=now`)).status, 400);
});

test("RSVPs as changes are Server-Sent Events; there is no WebSocket of those", async () => {
  const { address, goTo } = await served("");
  const client = await openLines(`${address}/v2/stream/recentchange`);
  await goTo(2);
  const count = madeIn({}, -1, 1.975).length;
  await until("they have come", () => eventsIn(client.text()).length === count);
  for (const { data } of eventsIn(client.text())) assert.match(JSON.parse(data!).wiki, /^[a-z]{2}wiki$/);
  const socket = new WebSocket(`${address.replace("http", "ws")}/v2/stream/rsvps`);
  const error = await new Promise<Error>((resolve) => socket.on("error", resolve));
  assert.match(error.message, /404/);
  assert.equal((await fetch(`${address}/v2/stream/nothing`)).status, 404);
});

test("a WebSocket to a path that is no stream is refused with 404", async () => {
  const { address } = await served("");
  const socket = new WebSocket(`${address.replace("http", "ws")}/2/nothing`);
  const error = await new Promise<Error>((resolve) => socket.on("error", resolve));
  assert.match(error.message, /404/);
});

test("the 31st request of a key within 10 s is answered with 429", async () => {
  const { address, goTo } = await served("");
  const ask = () => fetch(`${address}/2/members?member_id=8000001&key=k`);
  const first = await ask();
  assert.deepEqual(
    [first.status, first.headers.get("x-ratelimit-limit"), first.headers.get("x-ratelimit-remaining")],
    [200, "30", "29"],
  );
  for (let i = 0; i < 29; i++) assert.equal((await ask()).status, 200);
  const refused = await ask();
  assert.deepEqual([refused.status, refused.headers.get("x-ratelimit-reset")], [429, "10"]);
  await goTo(10.1);
  assert.equal((await ask()).status, 200);
});

test("/stats tells what was made and sent, / what there is; other paths 404, other methods 405, bad queries 400", async () => {
  const { address, goTo, made } = await served("");
  const client = await openLines(`${address}/2/rsvps`);
  await goTo(2);
  await has(client, made());
  const stats = (await (await fetch(`${address}/stats`)).json()) as { streams: Record<string, object> };
  assert.deepEqual(stats.streams["rsvps"], {
    made: made(),
    broken: 0,
    kept: made(),
    sent: made(),
    listening: 1,
  });
  const index = await (await fetch(address)).text();
  assert.match(index, /\/2\/event_comments\n/);
  assert.match(index, /\/v2\/stream\/rsvps\n/);
  assert.match(index, /ws:\/\/127\.0\.0\.1:\d+\/subscribe /);
  assert.equal((await fetch(`${address}/2/rsvp`)).status, 404);
  assert.equal((await fetch(`${address}/2/rsvps`, { method: "POST" })).status, 405);
  assert.equal((await fetch(`${address}/2/rsvps?since_mtime=yesterday`)).status, 400);
});

test("a listener that goes away is forgotten; an orderly end completes the response", async () => {
  const { address, goTo, listening, streams, server } = await served("");
  const leaves = await openLines(`${address}/2/rsvps`);
  const stays = await openLines(`${address}/2/rsvps`);
  assert.equal(listening(), 2);
  leaves.close();
  await until("one is left", () => listening() === 1);
  await goTo(1);
  streams.end();
  assert.equal(await stays.over, "ended");
  await server.close();
});

test("a port that is taken is told with what to do", async () => {
  const { port, streams, ...rest } = await served("");
  assert.ok(rest.address.endsWith(String(port)));
  const again = serve(world(plainWorld), streams, {
    host: "127.0.0.1",
    port,
    clock: { now: () => 0, elapsed: () => 0, sleep: async () => {} },
  });
  await assert.rejects(again, (error) => {
    assert.ok(error instanceof ToolError && error.kind === "unavailable");
    assert.match(error.message, /is in use; end what listens there, or take another with --port/);
    return true;
  });
});
