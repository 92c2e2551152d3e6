import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, type Stage } from "../../src/core/stage.ts";

/** Holds one record until a tick or the end lets it go. */
const holdOne =
  (name: string, journal: string[]): Stage<string, string> =>
  (emit) => {
    let held: string | undefined;
    const release = () => {
      if (held !== undefined) emit(held);
      held = undefined;
    };
    return {
      push(record) {
        release();
        held = `${name}(${record})`;
      },
      tick() {
        release();
        journal.push(`${name} ticked`);
      },
      end() {
        release();
        journal.push(`${name} ended`);
      },
    };
  };

test("what an upstream tick or end releases goes through before the downstream one hears of it", () => {
  const journal: string[] = [];
  const stage = compose(holdOne("a", journal), holdOne("b", journal))((record) => journal.push(record));
  stage.push("1");
  stage.tick?.(0);
  stage.push("2");
  stage.end?.();
  assert.deepEqual(journal, ["a ticked", "b(a(1))", "b ticked", "a ended", "b(a(2))", "b ended"]);
});
