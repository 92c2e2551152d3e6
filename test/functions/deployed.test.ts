import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { test } from "node:test";
import { deployFunction } from "../support/functions.ts";
import { slackServer, textsOf } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

/** A log entry as a sink publishes it and Eventarc hands it over. */
const publish = (url: string, entry: unknown) =>
  fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "ce-id": "1",
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "ce-source": "//pubsub.googleapis.com/projects/p/topics/errors",
    },
    body: JSON.stringify({
      subscription: "projects/p/subscriptions/s",
      message: { messageId: "1", data: Buffer.from(JSON.stringify(entry)).toString("base64") },
    }),
  });
const entry = (more: object = {}) => ({
  insertId: "x",
  timestamp: "2026-01-01T00:00:00.123456Z",
  severity: "ERROR",
  resource: { type: "gce_instance", labels: { instance_id: "42", zone: "us-central1-a", project_id: "p" } },
  logName: "projects/p/logs/rsvpulse",
  ...more,
});

test("report_slack posts a log record with its severity, facts and labels", async () => {
  const slack = await slackServer();
  const { url, process } = await deployFunction("report_slack", {
    SLACK_WEBHOOK_URL: slack.url,
    K_SERVICE: "report-slack",
  });
  const jsonPayload = { tool: "archive", message: "3 objects <not> stored", status: 503 };
  const first = await publish(url, entry({ jsonPayload }));
  assert.equal(first.status, 204);
  const [payload] = slack.taken();
  assert.equal(payload?.text, "🔴 *ERROR archive* 3 objects &lt;not&gt; stored");
  assert.equal(payload.attachments?.[0]?.color, "#d72b3f");
  const shown = textsOf(payload.attachments);
  assert.ok(
    ["*status*\n503", "*zone*\nus-central1-a", "*instance_id*\n42"].every((fact) => shown.includes(fact)),
  );
  assert.match(shown.at(-1) ?? "", /2026-01-01 00:00:00 UTC/);

  await publish(url, entry({ textPayload: "Script-Monitor: gone", severity: "CRITICAL" }));
  assert.equal(slack.taken()[1]?.text, "🔥 *CRITICAL 42* Script-Monitor: gone");
  await publish(url, entry({ jsonPayload: { event: "odd" }, resource: undefined }));
  assert.equal(slack.taken()[2]?.text, '🔴 *ERROR* {"event":"odd"}');

  // Its own words would come back as the next entry, for ever.
  const own = { type: "cloud_run_revision", labels: { service_name: "report-slack" } };
  assert.equal((await publish(url, entry({ textPayload: "own", resource: own }))).status, 204);
  assert.equal(slack.taken().length, 3);
  assert.equal(process.err(), "");
});

test("an entry that cannot be read is acknowledged and logged as one record", async () => {
  const slack = await slackServer();
  const { url, process } = await deployFunction("report_slack", { SLACK_WEBHOOK_URL: slack.url });
  for (const [bad, reason] of [
    ["text", /another JSON value in the data/],
    [{ severity: "ERROR" }, /textPayload, jsonPayload, protoPayload or httpRequest/],
  ] as const) {
    assert.equal((await publish(url, bad)).status, 204);
    const record = JSON.parse(await until("it is told", () => process.err().trim().split("\n").at(-1)));
    assert.equal(record.severity, "ERROR");
    assert.equal(record.tool, "report_slack");
    assert.match(record.message, reason);
  }
  assert.equal(slack.requests.length, 0);
});

test("Slack's 429, 5xx and silence make Pub/Sub send again; a webhook that is gone is told with its remedy", async () => {
  const slack = await slackServer((index) =>
    index === 0 ? { status: 429, headers: { "retry-after": "1" } } : index === 1 ? { status: 503 } : "cut",
  );
  const { url, process } = await deployFunction("report_slack", { SLACK_WEBHOOK_URL: slack.url });
  const report = () => publish(url, entry({ textPayload: "x" }));
  for (let i = 0; i < 3; i++) assert.equal((await report()).status, 500);
  slack.answer(() => "ok");
  assert.equal((await report()).status, 204);
  assert.equal(slack.taken().length, 1);

  slack.answer((_, { blocks }) => (blocks === undefined ? "ok" : { status: 400, body: "invalid_blocks" }));
  assert.equal((await report()).status, 204);
  assert.deepEqual(slack.taken()[1], { text: "🔴 *ERROR 42* x" });

  slack.answer(() => ({ status: 404, body: "no_service" }));
  assert.equal((await report()).status, 204);
  const words = await until("it is told", () => /Slack refuses.*/.exec(process.err())?.[0]);
  assert.match(words, /\(404 no_service\): make a new incoming webhook .*SLACK_WEBHOOK_URL/);
  assert.ok(!process.err().includes("SECRET"), process.err());
});

test("without a webhook, or with a broken one, the log says what to set", async () => {
  for (const value of [undefined, "http://example.com/services/T0SECRET"]) {
    const { url, process } = await deployFunction("report_slack", { SLACK_WEBHOOK_URL: value });
    assert.equal((await publish(url, entry({ textPayload: "x" }))).status, 204);
    const line = await until(
      "it is told",
      () => process.err().includes("SLACK_WEBHOOK_URL") && process.err(),
    );
    assert.ok(!line.includes("SECRET"), line);
  }
});

test("the three HTTP functions are there under their names, and show nobody a stack", async () => {
  for (const [target, detail] of [
    ["save_stream_data", "the parameter bucket is missing: add ?bucket=…"],
    ["save_member_data", "the parameter member_id is missing: add ?member_id=…"],
    ["save_group_data", "the parameter group_id is missing: add ?group_id=…"],
  ] as const) {
    const { url, process } = await deployFunction(target);
    const missing = await fetch(url, { method: "POST" });
    assert.equal(missing.status, 400);
    assert.equal(((await missing.json()) as { detail: string }).detail, detail);
    const record = JSON.parse(process.err());
    assert.deepEqual([record.severity, record.tool, record.status], ["WARNING", target, 400]);
    // The framework reads JSON before the function is asked.
    const headers = { "content-type": "application/json" };
    const broken = await fetch(url, { method: "POST", headers, body: "{broken" });
    assert.equal(broken.status, 400);
    assert.ok(!/ at |node_modules/.test(await broken.text()));
  }
});

test("the folder that is deployed names each package that it loads, and no other", () => {
  const code = readFileSync("dist/functions/index.js", "utf8");
  const loaded = [...code.matchAll(/\b(?:require|import)\("([^"]+)"\)/g)].map(([, name]) => name!);
  const { dependencies } = JSON.parse(readFileSync("dist/functions/package.json", "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const { optionalDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const packages = new Set(loaded.filter((name) => !name.startsWith("node:") && !isBuiltin(name)));
  assert.deepEqual([...packages].sort(), Object.keys(dependencies).sort());
  for (const [name, range] of Object.entries(dependencies)) assert.equal(range, optionalDependencies[name]);
});
