import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { EventHub, messageOf } from "../../src/api/event-hub.ts";
import type { Health } from "../../src/api/wire.ts";
import { statsExample } from "../../src/records/stats.ts";

const stats = (n: number, stream = "s") => ({ ...statsExample, t: n, stream });
const health = (age: number): Health => ({
  status: "live",
  origin: "store",
  t: 1,
  age,
  connected: true,
  blind: false,
});

/** A connection with room for so many messages at a time. */
function connection(
  hub: EventHub,
  { room = Number.POSITIVE_INFINITY, lastId = undefined as string | undefined } = {},
) {
  const messages: string[] = [];
  let left = room;
  const write = (text: string) => {
    messages.push(text);
    return --left > 0;
  };
  const { wake, leave } = hub.join({ write }, lastId);
  return {
    messages,
    leave,
    /** The reader took everything; there is room for so many again. */
    drain(more = room) {
      left = more;
      wake();
    },
    stats: () => messages.filter((text) => text.includes("event: stats")).map(numberOf),
    skipped: () =>
      messages
        .filter((text) => text.startsWith("event: skipped"))
        .map((text) => (JSON.parse(text.split("data: ")[1]!) as { count: number }).count),
  };
}
const numberOf = (text: string) => (JSON.parse(text.split("data: ")[1]!) as { t: number }).t;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const keep = (hub: EventHub, from: number, to: number) => {
  for (const n of range(from, to)) hub.keep("stats", stats(n), `id-${n}`);
};

test("a message is one event of Server-Sent Events, whatever is in it", () => {
  const text = messageOf("stats", stats(1, "a\nb\r\n\ndata: x\u2028</script>"));
  assert.match(text, /^event: stats\ndata: [^\n\r]*\n\n$/);
  const hub = new EventHub();
  const { messages } = connection(hub);
  hub.keep("stats", stats(1, "a\nid: evil\n\n"), "id-1");
  assert.match(messages[0]!, /^id: id-1\nevent: stats\ndata: [^\n\r]*\n\n$/);
});

test("who joins is given what comes after, in order, and nothing once it left", () => {
  const hub = new EventHub();
  keep(hub, 0, 5);
  const one = connection(hub);
  keep(hub, 5, 8);
  one.leave();
  keep(hub, 8, 9);
  assert.deepEqual([one.stats(), one.skipped(), hub.size], [[5, 6, 7], [], 0]);
});

test("Last-Event-ID goes on right after it; one that is not known is told that something was left out", () => {
  const hub = new EventHub();
  keep(hub, 0, 10);
  assert.deepEqual(connection(hub, { lastId: "id-6" }).stats(), [7, 8, 9]);
  assert.deepEqual(connection(hub, { lastId: "id-9" }).messages, []);
  for (const lastId of ["id-99", "", "__proto__", "id-6 "]) {
    const stranger = connection(hub, { lastId });
    assert.deepEqual([stranger.stats(), stranger.skipped()], [[], [1]], lastId);
    keep(hub, 10, 11);
    assert.equal(stranger.stats().length, 1, "then it goes on with what comes");
  }
});

test("an id whose message is gone is not known any more", () => {
  const hub = new EventHub();
  keep(hub, 0, 2001);
  assert.deepEqual(connection(hub, { lastId: "id-0" }).skipped(), [1]);
  assert.deepEqual(connection(hub, { lastId: "id-1" }).stats(), range(2, 2001));
});

test("a reader that is slow for a while gets all in order once it has room", () => {
  const hub = new EventHub();
  const slow = connection(hub, { room: 1 });
  keep(hub, 0, 1500);
  assert.deepEqual(slow.stats(), [0]);
  for (let i = 0; i < 1600; i++) slow.drain();
  assert.deepEqual([slow.stats(), slow.skipped()], [range(0, 1500), []]);
});

test("a reader that is too slow is told how many it missed, and gets the newest two thousand", () => {
  const hub = new EventHub();
  const slow = connection(hub, { room: 1 });
  keep(hub, 0, 5000);
  slow.drain(Number.POSITIVE_INFINITY);
  assert.deepEqual([slow.skipped(), slow.stats()], [[2999], [0, ...range(3000, 5000)]]);
  assert.ok(slow.messages[1]!.startsWith("event: skipped"), "it is told where the gap is");
});

test("of what has no id a slow reader gets only the newest of each kind", () => {
  const hub = new EventHub();
  const slow = connection(hub, { room: 1 });
  for (const age of [1, 2, 3]) {
    hub.pass("health", health(age));
    hub.pass("usual", { t: age, rate: age });
  }
  slow.drain(Number.POSITIVE_INFINITY);
  assert.deepEqual(slow.messages, [
    messageOf("health", health(1)),
    messageOf("usual", { t: 3, rate: 3 }),
    messageOf("health", health(3)),
  ]);
});

test("a slow reader holds up no other", () => {
  const hub = new EventHub();
  const slow = connection(hub, { room: 1 });
  const quick = connection(hub);
  keep(hub, 0, 100);
  assert.deepEqual([slow.stats().length, quick.stats().length], [1, 100]);
});

test("messages are kept up to eight million characters, however few they are, and the others are let go", () => {
  const hub = new EventHub();
  const big = "x".repeat(1 << 20);
  for (const n of range(0, 20)) hub.keep("stats", stats(n, big), `id-${n}`);
  const late = connection(hub, { lastId: "id-13" });
  assert.deepEqual(late.stats(), range(14, 20));
  assert.deepEqual(connection(hub, { lastId: "id-5" }).skipped(), [1]);
  hub.keep("stats", stats(20, "x".repeat(9 << 20)), "id-20");
  assert.deepEqual(late.skipped(), [1], "one that is too large by itself is skipped");
  keep(hub, 21, 23);
  assert.deepEqual(late.stats().slice(-2), [21, 22]);
});

test("what was let go takes no memory, though messages are large and few", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const hub = new EventHub();
  const before = held();
  for (const n of range(0, 400)) hub.keep("stats", stats(n, `${n}`.repeat(1 << 17)), `id-${n}`);
  const grown = held() - before;
  assert.ok(grown < 30, `${grown} MiB`);
  keep(hub, 0, 1);
});

test("whatever room a reader has, it gets a rising run of all that came, and `skipped` makes up the difference", () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(3000), fc.constant("drain" as const)), { maxLength: 12 }),
      (steps) => {
        const hub = new EventHub();
        const reader = connection(hub, { room: 3 });
        let sent = 0;
        for (const step of steps) {
          if (step === "drain") reader.drain();
          else {
            keep(hub, sent, sent + step);
            sent += step;
          }
        }
        reader.drain(Number.POSITIVE_INFINITY);
        const got = reader.stats();
        assert.ok(got.every((n, i) => i === 0 || n > got[i - 1]!));
        const missed = reader.skipped().reduce((sum, count) => sum + count, 0);
        assert.equal(got.length + missed, sent);
        if (sent > 0) assert.equal(got.at(-1), sent - 1);
      },
    ),
    { numRuns: 30 },
  ));
