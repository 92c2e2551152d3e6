import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ComparedShare } from "../../src/api/wire.ts";
import { mapClass } from "../../src/page/map-classes.ts";
import { type Atlas, geometryOf, neighbour } from "../../src/page/map-geometry.ts";
import { SMALL_PLACES } from "../../src/page/us-places.ts";

const atlas = JSON.parse(readFileSync("node_modules/us-atlas/states-albers-10m.json", "utf8")) as Atlas;
const { states, borders } = geometryOf(atlas);
const shape = (key: string) => states.find((state) => state.key === key)!;
const place = (now: number, usual: number | null, standing: ComparedShare["standing"]): ComparedShare => ({
  ...{ key: "TX", name: "Texas", surplus: 0 },
  ...{ now, usual, standing },
});

test("the map has the fifty states and their capital, each once, with a shape", () => {
  assert.equal(new Set(states.map(({ key }) => key)).size, 51);
  assert.ok(states.every(({ path, centre }) => path.startsWith("M") && centre.every(Number.isFinite)));
  assert.ok(borders.startsWith("M"));
  assert.ok(SMALL_PLACES.every((key) => states.some((state) => state.key === key)));
});

test("arrows go to the neighbour on that side, and stay at the edge", () => {
  assert.equal(neighbour(states, shape("KS"), "ArrowRight")?.key, "MO");
  assert.equal(neighbour(states, shape("KS"), "ArrowDown")?.key, "OK");
  assert.equal(neighbour(states, shape("ME"), "ArrowRight")?.key, "ME");
  assert.equal(neighbour(states, shape("KS"), "Enter"), undefined);
});

test("every state can be reached with arrows", () => {
  const reached = new Set<string>(["KS"]);
  const open = [shape("KS")];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const arrow of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {
      const next = neighbour(states, at, arrow)!;
      if (reached.has(next.key)) continue;
      reached.add(next.key);
      open.push(next);
    }
  }
  assert.equal(reached.size, 51);
});

test("a place is grey by its share until it stands out, then coloured by how many times", () => {
  assert.equal(mapClass(undefined), "share-0");
  assert.equal(mapClass(place(0, 0.01, "usual")), "share-0");
  assert.equal(mapClass(place(0.02, 0.2, "usual")), "share-2");
  assert.equal(mapClass(place(0.2, 0.2, "usual")), "share-4");
  assert.equal(mapClass(place(0.3, 0.2, "surging")), "more-1");
  assert.equal(mapClass(place(0.3, 0.09, "surging")), "more-2");
  assert.equal(mapClass(place(0.1, 0, "surging")), "more-3");
  assert.equal(mapClass(place(0.05, 0.2, "fallen")), "less-3");
  assert.equal(mapClass(place(0, 0.2, "fallen")), "less-3");
});
