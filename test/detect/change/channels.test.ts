import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Channels } from "../../../src/detect/change/channels.ts";
import { AWKWARD } from "../changes.ts";

const never = () => undefined;

test("each category has a channel of its own, in the order in which they came", () => {
  const channels = new Channels();
  assert.equal(channels.size, 0);
  assert.deepEqual(
    ["a", "b", "a", "c", "b"].map((name) => channels.of(name, never)),
    [0, 1, 0, 2, 1],
  );
  assert.deepEqual(channels.names, ["a", "b", "c"]);
});

test("no name is taken for another, whatever objects make of it", () => {
  const channels = new Channels();
  AWKWARD.forEach((name, i) => void assert.equal(channels.of(name, never), i));
  assert.deepEqual(channels.names, AWKWARD);
});

test("the 1,001st category has the channel that is given up for it, or none", () => {
  const channels = new Channels();
  for (let i = 0; i < 1000; i++) channels.of(`c${i}`, () => assert.fail("there is room"));
  assert.equal(channels.of("more", never), undefined);
  assert.equal(channels.size, 1000);
  assert.equal(
    channels.of("more", () => 70),
    70,
  );
  assert.equal(channels.of("more", never), 70);
  assert.equal(channels.of("c70", never), undefined);
  assert.equal(channels.names[70], "more");
});

test("restored channels go on alike, and are never more than 1,000", () => {
  const channels = new Channels();
  channels.restore(["x", "__proto__"]);
  assert.deepEqual([channels.of("__proto__", never), channels.of("y", never)], [1, 2]);
  channels.restore(Array.from({ length: 1500 }, (_, i) => `c${i}`));
  assert.equal(channels.size, 1000);
});

test("whatever comes, a channel's name is that of its category, and no two have the same", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(2500), { maxLength: 3000, minLength: 1100 }), fc.nat(7), (list, idle) => {
      const channels = new Channels();
      for (const number of list) {
        const name = `c${number}`;
        const channel = channels.of(name, () => (number % 8 === idle ? undefined : number % 1000));
        assert.ok(channel === undefined || channels.names[channel] === name);
      }
      assert.ok(channels.size <= 1000);
      assert.equal(new Set(channels.names).size, channels.size);
    }),
    { numRuns: 10 },
  ));
