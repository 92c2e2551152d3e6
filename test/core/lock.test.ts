import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { lockHolder, tryLock } from "../../src/core/lock.ts";
import { startCommand } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const folder = scratchFolder();

test("a lock is held by one and free again after its release", () => {
  const first = tryLock(`${folder}/a`);
  assert.ok(first);
  assert.equal(tryLock(`${folder}/a`), undefined);
  assert.equal(lockHolder(`${folder}/a`), process.pid);
  first.release();
  assert.equal(lockHolder(`${folder}/a`), undefined);
  assert.ok(tryLock(`${folder}/a`));
});

test("a dead holder's lock is taken at once, and old generations are cleared away", async () => {
  const script = `
    import { build } from "esbuild";
    await build({ entryPoints: ["src/core/lock.ts"], bundle: true, platform: "node", format: "esm", outfile: ${JSON.stringify(`${folder}/lock.mjs`)} });
    const { tryLock } = await import(${JSON.stringify(`${folder}/lock.mjs`)});
    console.log(tryLock(${JSON.stringify(`${folder}/b`)}) !== undefined);
    setInterval(() => {}, 1000);`;
  const holder = startCommand("node", ["--input-type=module", "-e", script]);
  await until("the other process holds the lock", () => holder.out().includes("true"));
  assert.equal(tryLock(`${folder}/b`), undefined);
  assert.equal(lockHolder(`${folder}/b`), holder.child.pid);
  holder.child.kill("SIGKILL");
  await holder.ended;
  assert.ok(tryLock(`${folder}/b`));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("b.")),
    ["b.2"],
  );
});

for (const text of ["garbage", "null", "{}", '{"pid":"1","started":"","host":""}']) {
  test(`a lock file that holds ${text} is nobody's`, () => {
    const path = `${folder}/damaged-${text.length}`;
    writeFileSync(`${path}.3`, text);
    assert.equal(lockHolder(path), undefined);
    assert.ok(tryLock(path));
  });
}
