import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Ranking } from "../../src/distribution/ranking.ts";

test("things stand in the order of their counts, whatever was raised", () =>
  fc.assert(
    fc.property(
      fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(1000), { maxLength: 100 }),
      (entered, raised) => {
        const ranking = new Ranking();
        const counts = [...entered];
        for (const count of entered) ranking.enter(count);
        for (const number of raised) {
          const index = number % entered.length;
          counts[index]!++;
          ranking.raise(index);
        }
        const inOrder = ranking.order.map((index) => counts[index]!);
        assert.deepEqual(
          inOrder,
          [...counts].sort((a, b) => b - a),
        );
        ranking.order.forEach((index, rank) => void assert.equal(ranking.rankOf(index), rank));
      },
    ),
  ));
