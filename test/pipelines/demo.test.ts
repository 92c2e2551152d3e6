import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter } from "node:path";
import { test } from "node:test";
import { ROOT, startCommand } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";
import { until } from "../support/until.ts";

/** A PATH with all commands of this one but the Redis servers. */
function pathWithoutRedis(): string {
  const folder = `${scratchFolder()}/bin`;
  mkdirSync(folder);
  for (const place of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of listed(place)) {
      if (/^(redis|valkey)/.test(name)) continue;
      try {
        symlinkSync(`${place}/${name}`, `${folder}/${name}`);
      } catch {
        // A folder before this one has it.
      }
    }
  }
  return folder;
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function demo(env: Readonly<Record<string, string>>, says: RegExp): Promise<void> {
  const temporary = scratchFolder();
  const running = startCommand(`${ROOT}/scripts/demo.sh`, [], {
    input: "",
    env: { TMPDIR: temporary, ...env },
  });
  await until("it says how it runs", () => says.test(running.err()), 60);
  await until(
    "an alert is shown within a minute",
    () => /Slack ► .*demo: events come faster/.test(running.out()),
    60,
  );
  await until("an improbable event is shown", () => /Slack ► .* from [A-Z]{2}\b/.test(running.out()), 60);
  await until(
    "a change is found without a threshold",
    () => /Slack ► .*demo: Texas makes up \S+ % of RSVPs instead of/.test(running.out()),
    150,
  );
  assert.match(running.out(), /events\/s, mean gap \S+ s · \S+ bits · [A-Z]{2} \d/);
  running.child.kill("SIGINT");
  const { code, err } = await running.ended;
  assert.equal(code, 130, err);
  assert.match(err, /nothing is left behind/);
  assert.deepEqual(readdirSync(temporary), []);
}

// Both take two minutes by the clock and little of the processor.
test("the demo shows rates, categories, an alert within a minute and what it learnt within two and a half, with a Redis and without, and leaves nothing behind", async () => {
  await Promise.all([
    demo({}, /with (a Redis of its own|the Redis on port 6379)/),
    demo({ PATH: pathWithoutRedis() }, /no Redis here|the Redis on port 6379/),
  ]);
});
