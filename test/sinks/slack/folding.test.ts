import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAllowance } from "../../../src/sinks/slack/allowance.ts";
import { folding, type Outgoing } from "../../../src/sinks/slack/folding.ts";
import { decodeItem, type Item, isLogRecord } from "../../../src/sinks/slack/item.ts";
import { fakeClock } from "../../support/fake-clock.ts";

/** A folding of 60 s on a clock that is moved by hand. */
function setting(allowance = "1000/10m", span = 60_000) {
  const clock = fakeClock();
  const out: Outgoing[] = [];
  const folds = folding((outgoing) => out.push(outgoing), {
    span,
    allowance: parseAllowance(allowance),
    clock,
  });
  return {
    say(message: string, more: object = {}): void {
      const line = Buffer.from(JSON.stringify({ severity: "ERROR", tool: "ingest", message, ...more }));
      const item = decodeItem(line.toString()) as Item;
      assert.ok(isLogRecord(item));
      folds.take(item, line);
    },
    async pass(seconds: number): Promise<void> {
      await clock.sleep(seconds * 1000);
      folds.tick();
    },
    end: folds.end,
    out,
    /** What was said to be posted since the last look. */
    posts: () =>
      out.splice(0).map(({ line, records, as }) => {
        const { message, repeats } = JSON.parse(line.toString());
        return { message, repeats, records, as };
      }),
  };
}

test("a message goes out at once, what repeats within a minute as one post with the count when it is over", async () => {
  const { say, pass, posts, end } = setting();
  say("gone");
  assert.deepEqual(posts(), [{ message: "gone", repeats: undefined, records: 1, as: "delivered" }]);
  for (let i = 0; i < 5; i++) {
    await pass(10);
    say("gone");
  }
  assert.deepEqual(posts(), []);
  await pass(10);
  assert.deepEqual(posts(), [
    { message: "gone", repeats: { count: 5, within: 60 }, records: 5, as: "folded" },
  ]);
  await pass(60);
  say("gone");
  assert.equal(posts()[0]?.as, "delivered");
  end();
  assert.deepEqual(posts(), []);
});

test("a flood that goes on is one post a minute", async () => {
  const { say, pass, posts } = setting();
  for (let i = 0; i < 6000; i++) {
    say("flood");
    await pass(0.1);
  }
  const told = posts();
  assert.equal(told.length, 11);
  assert.equal(
    told.reduce((sum, { records }) => sum + records, 0),
    6000,
  );
});

test("numbers aside, tool, severity and message tell records apart", () => {
  const { say, posts, end } = setting();
  say("1,234 left after 3.5 s", { left: 1234 });
  say("7 left after 12 s", { left: 7 });
  say("7 left after 12 s", { tool: "archive" });
  say("7 left after 12 s", { severity: "CRITICAL" });
  say("7 lost after 12 s");
  assert.equal(posts().length, 4);
  end();
  assert.deepEqual(posts(), [
    { message: "7 left after 12 s", repeats: { count: 1, within: 1 }, records: 1, as: "folded" },
  ]);
});

test("a span of nothing folds nothing", () => {
  const { say, posts } = setting("1000/10m", 0);
  say("x");
  say("x");
  assert.equal(posts().length, 2);
});

test("beyond the allowance records are held back, and told by one post when there is room for it", async () => {
  const { say, pass, posts, end } = setting("3/10m");
  for (const letter of "abcdee") say(letter);
  say("f", { severity: "CRITICAL" });
  assert.deepEqual(
    posts().map(({ message }) => message),
    ["a", "b", "c"],
  );
  await pass(599);
  assert.deepEqual(posts(), []);
  await pass(1);
  const [digest, ...others] = posts();
  assert.deepEqual(others, []);
  // A repeat of e was held back too.
  assert.equal(digest?.records, 4);
  assert.equal(digest.as, "held back");
  assert.deepEqual(digest.message.split("\n"), [
    "4 log records were held back, for at most 3 posts in 10 min go out:",
    "• 2 × ERROR ingest: e",
    "• 1 × ERROR ingest: d",
    "• 1 × CRITICAL ingest: f",
  ]);
  for (const letter of "xyz") say(letter);
  assert.deepEqual(
    posts().map(({ message }) => message),
    ["x", "y"],
  );
  end();
  assert.match(posts()[0]?.message, /^1 log record was held back/);
});

test("many thousand different messages are counted, not kept", async () => {
  const { say, posts, end } = setting("1/1h");
  for (let i = 0; i < 5000; i++) say(`message ${String.fromCodePoint(0x4e00 + i)}`);
  end();
  const [first, digest] = posts();
  assert.equal(first?.as, "delivered");
  assert.equal(digest?.records, 4999);
  assert.match(digest.message, /• 4991 others$/);
});

test("whatever comes, in no span more posts go out than are allowed, and every record is in one", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), fc.integer({ min: 0, max: 40 })), {
        maxLength: 200,
      }),
      async (steps) => {
        const { say, pass, out, end } = setting("4/2m");
        const times: number[] = [];
        let now = 0;
        const note = () => {
          while (times.length < out.length) times.push(now);
        };
        for (const [message, wait] of steps) {
          say(message);
          note();
          await pass(wait);
          now += wait;
          note();
        }
        for (const [i, time] of times.entries()) if (i >= 4) assert.ok(time - times[i - 4]! >= 120);
        end();
        assert.equal(
          out.reduce((sum, { records }) => sum + records, 0),
          steps.length,
        );
      },
    ),
    { numRuns: 100 },
  ));

test("an allowance is a number of posts and a span with a unit", () => {
  assert.deepEqual(parseAllowance("20/10m"), { count: 20, span: 600_000 });
  for (const text of ["20", "0/10m", "20/10", "x/10m", "20/0s", "1000000/1m", "-1/1m"]) {
    assert.throws(() => parseAllowance(text), { name: "ToolError", kind: "usage" }, text);
  }
});
