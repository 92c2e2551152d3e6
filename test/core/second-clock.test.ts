import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SecondClock } from "../../src/core/second-clock.ts";
import { secondOf } from "../../src/core/stream-time.ts";

/** What happens to a clock, in words: `>1500` it moved what hangs on it, `1000:1` it told this much. */
function clock() {
  const told: string[] = [];
  const seconds = new SecondClock({
    advance: (time) => told.push(`>${time}`),
    tell: ({ t, seconds: count, connected }) => told.push(`${t}:${count}${connected ? "" : " away"}`),
  });
  return { seconds, told };
}
const tellings = (told: readonly string[]) => told.filter((words) => !words.startsWith(">"));

test("without input nothing is told", () => {
  const { seconds, told } = clock();
  seconds.end(0);
  assert.deepEqual(told, []);
});

test("each second is told at its end, once all that hangs on stream time was moved there", () => {
  const { seconds, told } = clock();
  for (const time of [500, 700, 2100]) seconds.advance(time);
  assert.deepEqual(told, [">500", ">1000", "1000:1", ">2000", "2000:1", ">2100"]);
});

test("at the end the open second counts as whole if anything of it is there", () => {
  for (const [time, open, expected] of [
    [1000, 0, "1000:0"],
    [1000, 1, "1000:1"],
    [1001, 0, "1001:1"],
  ] as const) {
    const { seconds, told } = clock();
    seconds.advance(time);
    seconds.end(open);
    assert.equal(told.at(-1), expected);
  }
});

test("a minute is told second by second, a longer leap in one record", () => {
  const minute = clock();
  minute.seconds.advance(0);
  minute.seconds.advance(60_000);
  assert.equal(tellings(minute.told).length, 60);
  const leap = clock();
  leap.seconds.advance(0);
  leap.seconds.advance(61_500);
  assert.deepEqual(tellings(leap.told), ["61000:61"]);
});

test("time that falls back moves nothing", () => {
  const { seconds, told } = clock();
  for (const time of [5000, 1000, 5000, 4999]) seconds.advance(time);
  assert.deepEqual(told, [">5000"]);
});

test("seconds that the source was not heard in are told as none", () => {
  const { seconds, told } = clock();
  seconds.advance(0, true);
  seconds.advance(1500, true);
  seconds.advance(2500, false);
  seconds.advance(4000, true);
  seconds.advance(5000);
  seconds.advance(70_000, false);
  seconds.end(0);
  assert.deepEqual(tellings(told), [
    "1000:1",
    "2000:0 away",
    "3000:0",
    "4000:0",
    "5000:1",
    "70000:0 away",
    "70000:0 away",
  ]);
});

test("a source that is away from the very moment of the last record takes nothing back", () => {
  const { seconds, told } = clock();
  seconds.advance(1000);
  seconds.advance(1900);
  seconds.advance(1900, false);
  seconds.advance(2000, true);
  assert.deepEqual(tellings(told), ["2000:0"]);
  const later = clock();
  for (const time of [1000, 2500]) later.seconds.advance(time);
  later.seconds.advance(2500, false);
  later.seconds.end(1);
  assert.deepEqual(tellings(later.told), ["2000:1", "2500:0 away"]);
});

test("what is told adds up to the seconds passed, whatever the steps", () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: -900, max: 3000 }), fc.integer({ min: 0, max: 200_000 }))),
      (steps) => {
        let sum = 0;
        let last = 0;
        const seconds = new SecondClock({
          advance(time) {
            assert.ok(time >= last);
            last = time;
          },
          tell: (due) => {
            assert.equal(due.t, last);
            sum += due.seconds;
          },
        });
        let [time, greatest] = [0, 0];
        seconds.advance(0);
        for (const step of steps) {
          time = Math.max(0, time + step);
          greatest = Math.max(greatest, time);
          seconds.advance(time);
        }
        seconds.end(1);
        assert.deepEqual([last, sum], [greatest, secondOf(greatest) + 1]);
      },
    ),
  ));
