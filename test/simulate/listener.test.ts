import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type History, history } from "../../src/simulate/history.ts";
import { type Channel, listener, type Wish } from "../../src/simulate/listener.ts";

/** A connection that notes what it is told. */
function recorder({ room = () => true }: { room?: () => boolean } = {}) {
  const lines: string[] = [];
  let resume = () => {};
  let keepAlives = 0;
  const channel: Channel = {
    send({ bytes, ends }) {
      let start = 0;
      for (const end of ends) {
        lines.push(bytes.toString("utf8", start, end - 1));
        start = end;
      }
      return room();
    },
    whenRoom(callback) {
      resume = callback;
    },
    keepAlive: () => void keepAlives++,
    cut() {},
    end() {},
  };
  return { channel, lines, resume: () => resume(), keepAlives: () => keepAlives };
}

/** Sends batches; a line is its mtime, or `-` for a broken one. */
function send(to: History, ...batches: (number | undefined)[][]): void {
  for (const mtimes of batches) {
    const texts = mtimes.map((mtime) => `${mtime ?? "-"}\n`);
    const ends = texts.map((_, i) => texts.slice(0, i + 1).join("").length);
    to.append({ at: to.next, bytes: Buffer.from(texts.join("")), ends, mtimes });
  }
}

function heard(sent: History, wish: Wish, later: (number | undefined)[][] = []) {
  const { channel, lines } = recorder();
  const member = listener(sent, channel, { wish, now: 0, resumed: () => {} });
  const outcome = member.pump(0);
  send(sent, ...later);
  if (outcome === "listening") member.pump(1);
  return { lines, outcome };
}

const earlier = [[10, 30], [20, undefined, 40], [35]];
function sentSoFar(): History {
  const sent = history();
  send(sent, ...earlier);
  return sent;
}

test("who asks for nothing hears what is sent from now on, broken lines included", () => {
  assert.deepEqual(heard(sentSoFar(), { live: true }, [[50, undefined]]).lines, ["50", "-"]);
});

test("sinceMtime gives what was kept with that mtime or more, in the order it was sent, then goes on", () => {
  const { lines } = heard(sentSoFar(), { sinceMtime: 30, live: true }, [[25], [60]]);
  assert.deepEqual(lines, ["30", "40", "35", "25", "60"]);
});

test("sinceCount gives the last messages, then goes on", () => {
  assert.deepEqual(heard(sentSoFar(), { sinceCount: 3, live: true }, [[60]]).lines, ["20", "40", "35", "60"]);
  assert.deepEqual(heard(sentSoFar(), { sinceCount: 0, live: true }, [[60]]).lines, ["60"]);
  assert.deepEqual(heard(sentSoFar(), { sinceCount: 99, live: true }).lines, ["10", "30", "20", "40", "35"]);
});

test("sinceNumber gives messages from that number on, broken lines not counted, then goes on", () => {
  assert.deepEqual(heard(sentSoFar(), { sinceNumber: 3, live: true }, [[60]]).lines, ["40", "35", "60"]);
  assert.deepEqual(heard(sentSoFar(), { sinceNumber: 99, live: true }, [[60]]).lines, ["60"]);
});

test("sinceSentUs gives messages sent then or later, whatever their mtime, those of a batch a microsecond apart", () => {
  assert.deepEqual(heard(sentSoFar(), { sinceSentUs: 1000, live: true }, [[60]]).lines, [
    "20",
    "40",
    "35",
    "60",
  ]);
  assert.deepEqual(heard(sentSoFar(), { sinceSentUs: 1001, live: true }).lines, ["40", "35"]);
});

test("a listener that does not go on ends behind what was kept", () => {
  assert.deepEqual(heard(sentSoFar(), { sinceMtime: 35, live: false }), {
    lines: ["40", "35"],
    outcome: "done",
  });
  assert.deepEqual(heard(history(), { live: false }), { lines: [], outcome: "done" });
});

test("without room nothing is sent; with room again it goes on where it stopped", () => {
  let room = false;
  const { channel, lines, resume } = recorder({ room: () => room });
  const sent = history();
  const member = listener(sent, channel, { wish: { live: true }, now: 0, resumed: () => member.pump(0) });
  send(sent, [1], [2], [3]);
  member.pump(0);
  assert.deepEqual(lines, ["1"]);
  room = true;
  resume();
  assert.deepEqual(lines, ["1", "2", "3"]);
  assert.equal(member.sent, 3);
});

test("who is more than 32 MiB behind is told so, but not for what was forgiven", () => {
  const { channel } = recorder({ room: () => false });
  const sent = history();
  const member = listener(sent, channel, { wish: { live: true }, now: 0, resumed: () => {} });
  const much = () => sent.append({ at: 0, bytes: Buffer.alloc(17 << 20), ends: [17 << 20], mtimes: [1] });
  much();
  much();
  assert.equal(member.pump(0), "listening");
  much();
  member.forgive();
  assert.equal(member.pump(0), "listening");
  much();
  much();
  assert.equal(member.pump(0), "behind");
});

test("a quiet connection gets a blank line each five seconds", () => {
  const { channel, keepAlives } = recorder();
  const sent = history();
  const member = listener(sent, channel, { wish: { live: true }, now: 0, resumed: () => {} });
  for (const now of [1000, 4999, 5000, 9999, 10_000]) member.keepAlive(now);
  assert.equal(keepAlives(), 2);
  send(sent, [1]);
  member.pump(14_000);
  member.keepAlive(15_000);
  assert.equal(keepAlives(), 2);
});

test("15 minutes are kept, and not more than 256 MiB", () => {
  const sent = history();
  const one = (at: number, size = 1) =>
    sent.append({ at, bytes: Buffer.alloc(size), ends: [size], mtimes: [at] });
  for (let minute = 0; minute <= 20; minute++) one(minute * 60_000);
  assert.equal(sent.kept, 16);
  assert.equal(sent.messages, 21);
  for (let i = 0; i < 20; i++) one(20 * 60_000, 16 << 20);
  assert.equal(sent.kept, 16);
});

test("whatever is asked for, kept and live messages come once each, in order", () =>
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
      fc.nat(8),
      fc.option(fc.nat(50), { nil: undefined }),
      fc.option(fc.nat(12), { nil: undefined }),
      (batches, joinAt, sinceMtime, sinceCount) => {
        const sent = history();
        const before = batches.slice(0, joinAt);
        const after = batches.slice(joinAt);
        send(sent, ...before);
        const wish = {
          live: true,
          ...(sinceMtime === undefined ? {} : { sinceMtime }),
          ...(sinceCount === undefined ? {} : { sinceCount }),
        };
        const old = before.flat().map((mtime, i, all) => ({ mtime, fromEnd: all.length - i }));
        const wanted = old
          .filter(({ mtime, fromEnd }) => mtime >= (sinceMtime ?? 0) && fromEnd <= (sinceCount ?? 1e9))
          .map(({ mtime }) => mtime);
        const kept = sinceMtime === undefined && sinceCount === undefined ? [] : wanted;
        assert.deepEqual(heard(sent, wish, after).lines, [...kept, ...after.flat()].map(String));
      },
    ),
  ));
