import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PollSpacing } from "../../src/detect/spacing.ts";
import { saved } from "./changes.ts";

test("before the first spacing it is 0, and a leap or two do not move it", () => {
  const spacing = new PollSpacing();
  assert.equal(spacing.get(), 0);
  for (let i = 0; i < 15; i++) spacing.push(i % 6 === 3 ? 3600 : 10);
  assert.equal(spacing.get(), 10);
});

test("it is the median of the last fifteen, asked for at any time, restored or not", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(0.5, 1, 2, 10, 3600), fc.boolean()), { maxLength: 80 }),
      (list) => {
        let spacing = new PollSpacing();
        const pushed: number[] = [];
        for (const [seconds, isRestored] of list) {
          spacing.push(seconds);
          pushed.push(seconds);
          if (isRestored) {
            const state = saved(spacing.snapshot());
            spacing = new PollSpacing();
            spacing.restore(state);
          }
          const last = pushed.slice(-15).sort((a, b) => a - b);
          assert.equal(spacing.get(), last[last.length >> 1]);
        }
      },
    ),
  ));

test("a damaged state is refused", () => {
  assert.throws(() => new PollSpacing().restore(["1"]), { kind: "badInput" });
});
