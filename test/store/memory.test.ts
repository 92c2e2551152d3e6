import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../src/store/memory.ts";
import { alertsContract } from "./alerts-contract.ts";
import { NOON, storeContract, tickAt } from "./contract.ts";
import { countsContract } from "./counts-contract.ts";
import { resumeContract } from "./resume-contract.ts";

storeContract("memory", async () => memoryStore({ elapsed: () => 0 }));
countsContract("memory", async () => memoryStore({ elapsed: () => 0 }));
alertsContract("memory", async () => memoryStore({ elapsed: () => 0 }));
resumeContract("memory", async () => memoryStore({ elapsed: () => 0 }));

test("memory: stale is the time since stream time moved, by the clock it was given", async () => {
  let now = 1000;
  const store = memoryStore({ elapsed: () => now });
  await store.commit(tickAt(NOON, true));
  now = 2500;
  await store.commit(tickAt(NOON, true));
  assert.equal((await store.read({ stream: "rsvps", seconds: 0 }))?.stale, 1.5);
});
