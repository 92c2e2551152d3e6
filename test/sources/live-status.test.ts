import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../../src/core/tally.ts";
import { liveStatus } from "../../src/sources/live-status.ts";

const START = Date.UTC(2026, 0, 1);
function made() {
  let time = 0;
  const tally = new Tally("events");
  const status = liveStatus({
    ...{ stream: "s", url: "http://x.org/", tally },
    clock: { now: () => START + time, elapsed: () => time },
  });
  const pass = (ms: number) => {
    time += ms;
  };
  return { tally, status, pass };
}

test("it tells what it is connected to, since when, how far behind, how fast, how many, and what was dropped", () => {
  const { tally, status, pass } = made();
  assert.equal(status.text(), "s: not connected for 0 s, 0 events/s, 0 events; from http://x.org/");
  pass(2000);
  status.connected();
  pass(180_000);
  tally.add("events", 1234);
  tally.add("bad", 3);
  tally.add("repeats", 1500);
  status.sent(START + 181_600);
  status.sent(START + 181_000);
  assert.match(status.text(), /^s: connected for 3 min, 0\.4 s behind, /);
  assert.match(status.text(), / 1,234 events; dropped: 3 bad, 1,500 repeats; from http:\/\/x\.org\/$/);
  const { since, behind, events, dropped, connected } = status.facts();
  assert.deepEqual(
    { since, behind, events, dropped, connected },
    {
      since: "2026-01-01T00:00:02.000Z",
      behind: 0.4,
      events: 1234,
      dropped: { bad: 3, repeats: 1500 },
      connected: true,
    },
  );
});

test("the rate is that of the last ten seconds, however often it is looked at", () => {
  const { tally, status, pass } = made();
  for (let tenth = 0; tenth < 300; tenth++) {
    pass(100);
    // Twenty in every other second: no sample of one second would tell 10.
    if (tenth % 20 < 10) tally.add("events", 2);
    status.text();
  }
  assert.equal(status.facts()["rate"], 10);
  for (let second = 0; second < 11; second++) {
    pass(1000);
    status.text();
  }
  assert.equal(status.facts()["rate"], 0);
});

test("of what is not connected it tells for how long", () => {
  const { status, pass } = made();
  status.connected();
  pass(1000);
  status.lost();
  pass(65_000);
  assert.match(status.text(), /^s: not connected for 65 s,/);
  assert.equal(status.isConnected, false);
});

test("a clock that is behind the source's makes it 0 s behind", () => {
  const { status } = made();
  status.sent(START + 5000);
  assert.equal(status.facts()["behind"], 0);
});
