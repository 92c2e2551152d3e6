import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { timeQueue } from "../../src/rate/time-queue.ts";

test("what comes out is the earliest of what is in, equal times in the order they came", () =>
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20))), (steps) => {
      const queue = timeQueue<{ t: number; order: number }>();
      const model: { t: number; order: number }[] = [];
      steps.forEach((step, order) => {
        if (step === null) {
          assert.deepEqual(queue.peek(), model[0]);
          if (model.length > 0) {
            queue.shift();
            model.shift();
          }
        } else {
          queue.push({ t: step, order });
          model.push({ t: step, order });
          model.sort((a, b) => a.t - b.t || a.order - b.order);
        }
      });
      for (const event of model) {
        assert.deepEqual(queue.peek(), event);
        queue.shift();
      }
      assert.equal(queue.peek(), undefined);
    }),
  ));

test("a long queue that is emptied piece by piece stays in order", () => {
  const queue = timeQueue<{ t: number }>();
  for (let t = 0; t < 10_000; t++) queue.push({ t });
  for (let t = 0; t < 10_000; t++) {
    assert.equal(queue.peek()?.t, t);
    queue.shift();
  }
  assert.equal(queue.peek(), undefined);
});
