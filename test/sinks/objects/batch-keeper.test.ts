import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { logOf } from "../../../src/core/log.ts";
import { batchKeeper } from "../../../src/sinks/objects/batch-keeper.ts";
import { folderObjects } from "../../../src/sinks/objects/folder.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { scratchFolder } from "../../support/scratch.ts";
import { until } from "../../support/until.ts";

const LABELS = 6;

test("while the store is away no more than two batches are closed, by age too, and all are when it is back", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const folder = folderObjects(scratchFolder());
  let underWay = 0;
  let back = () => {};
  const isBack = new Promise<void>((resolve) => {
    back = resolve;
  });
  const store = {
    ...folder,
    async putAll(...args: Parameters<typeof folder.putAll>) {
      underWay++;
      await isBack;
      return folder.putAll(...args);
    },
  };
  const clock = fakeClock();
  const limits = { bytes: 1 << 20, age: 1 };
  const keeper = batchKeeper({ store, limits, clock, log: logOf(() => {}) });
  const never = new AbortController().signal;
  for (let i = 0; i < LABELS; i++) keeper.push({ label: `l${i}`, id: null, t: 1, bytes: Buffer.from("{}") });
  await keeper.keep(never);
  await clock.sleep(2000);
  for (let second = 0; second < 5; second++) {
    t.mock.timers.tick(1000);
    await turn();
  }
  await until("two are on their way", () => underWay >= 2);
  assert.equal(underWay, 2);
  back();
  await keeper.end(never);
  const names: string[] = [];
  for await (const { name } of folder.list("", never)) names.push(name);
  assert.equal(names.length, LABELS);
});
