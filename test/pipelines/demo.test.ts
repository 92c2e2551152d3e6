import assert from "node:assert/strict";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter } from "node:path";
import { after, before, test } from "node:test";
import { ROOT, type RunningTool, startCommand } from "../support/run-tool.ts";
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
  const running = startCommand(`${ROOT}/scripts/demo.sh`, ["--no-browser"], {
    input: "",
    env: { TMPDIR: temporary, ...env },
  });
  try {
    await watched(running, says);
  } finally {
    // Nothing of it may outlive a test that failed.
    if (running.child.exitCode === null) running.child.kill("SIGTERM");
  }
  assert.deepEqual(readdirSync(temporary), []);
}

/** Looks at what it shows, and ends it as a person does. */
async function watched(running: RunningTool, says: RegExp): Promise<void> {
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
  const [, page] = /the live page is at (http:\S+)\/vis$/m.exec(running.err()) ?? [];
  assert.ok(page, running.err());
  // The page looks into Redis a few times a second.
  for (const told of [/^demo: events come faster/, /^demo: Texas makes up/, /^demo: an RSVP from/]) {
    await until(`${told} is among the page's alerts`, async () => {
      const alerts = (await (await fetch(`${page}/alerts`)).json()) as readonly { readonly text: string }[];
      return alerts.some(({ text }) => told.test(text));
    });
  }
  assert.match(await (await fetch(`${page}/vis`)).text(), /<html/);
  assert.match(running.out(), /events\/s, mean gap \S+ s · \S+ bits · [A-Z]{2} \d/);
  running.child.kill("SIGINT");
  const { code, err } = await running.ended;
  assert.equal(code, 130, err);
  assert.match(err, /nothing is left behind/);
}

// Two that start at once could both find port 8000 free, and one of them would then find it taken.
const taken = createServer();
before(
  () =>
    new Promise<void>((resolve) => taken.once("error", () => resolve()).listen(8000, "127.0.0.1", resolve)),
);
after(() => taken.close());

// Both take two minutes by the clock and little of the processor.
test("the demo shows rates, categories, an alert within a minute and what it learnt within two and a half, with a Redis and without, and leaves nothing behind", async () => {
  await Promise.all([
    demo({}, /with (a Redis of its own|the Redis on port 6379)/),
    demo({ PATH: pathWithoutRedis() }, /no Redis here|the Redis on port 6379/),
  ]);
});
