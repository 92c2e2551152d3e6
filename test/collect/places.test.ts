import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { openPlaces, stateFolderOf } from "../../src/collect/places.ts";
import { ToolError } from "../../src/core/errors.ts";
import { scratchFolder } from "../support/scratch.ts";

const place = { cursor: "1000", passed: 1000 };
const address = "http://127.0.0.1/2/rsvps?key=secret";

/** Time that a test moves on. */
function handClock() {
  const clock = { time: 0, elapsed: () => clock.time };
  return clock;
}

test("a place is there for the next run, at the same address alone, and the address is not written down", () => {
  const folder = scratchFolder();
  const first = openPlaces(folder, handClock());
  assert.equal(first.placeOf("rsvps", address), undefined);
  first.moved("rsvps", { address, place });
  first.close();
  const next = openPlaces(folder, handClock());
  assert.deepEqual(next.placeOf("rsvps", address), place);
  assert.equal(next.placeOf("rsvps", "http://another"), undefined);
  assert.equal(next.placeOf("photos", address), undefined);
  next.close();
  assert.doesNotMatch(readFileSync(`${folder}/places.json`, "utf8"), /secret|http/);
});

test("places are written once a second at most, and never lost at the end", () => {
  const folder = scratchFolder();
  const clock = handClock();
  const places = openPlaces(folder, clock);
  const written = () => /"passed":(\d+)/.exec(readFileSync(`${folder}/places.json`, "utf8"))?.[1];
  const move = (passed: number) => {
    places.moved("rsvps", { address, place: { ...place, passed } });
    places.settle();
  };
  move(1);
  assert.equal(written(), "1");
  clock.time = 999;
  move(2);
  assert.equal(written(), "1");
  clock.time = 1000;
  places.settle();
  assert.equal(written(), "2");
  move(3);
  places.close();
  assert.equal(written(), "3");
});

test("one process at a time has them", () => {
  const folder = scratchFolder();
  const places = openPlaces(folder, handClock());
  assert.throws(
    () => openPlaces(folder, handClock()),
    (error: unknown) => error instanceof ToolError && error.kind === "unavailable",
  );
  places.close();
  openPlaces(folder, handClock()).close();
});

for (const text of [
  "",
  "[]",
  '{"streams":{"a":1}}',
  '{"streams":{"a":{"address":"x","place":{"cursor":"{","passed":1}}}}',
  '{"streams":{"a":{"address":"x","place":{"cursor":"1","passed":"1"}}}}',
]) {
  test(`what is no file of places is told, and the lock is free again: ${text || "nothing"}`, () => {
    const folder = scratchFolder();
    writeFileSync(`${folder}/places.json`, text);
    for (let i = 0; i < 2; i++) {
      assert.throws(
        () => openPlaces(folder, handClock()),
        (error: unknown) => error instanceof ToolError && error.kind === "configuration",
      );
    }
  });
}

test("a config file has one folder, by whichever way it is named", () => {
  const folder = scratchFolder();
  writeFileSync(`${folder}/a.json`, "{}");
  symlinkSync(`${folder}/a.json`, `${folder}/b.json`);
  assert.equal(stateFolderOf(`${folder}/a.json`), stateFolderOf(`${folder}/b.json`));
  assert.notEqual(stateFolderOf(`${folder}/a.json`), stateFolderOf(`${folder}/c.json`));
});
