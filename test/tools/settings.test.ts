import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { ROOT, runTool } from "../support/run-tool.ts";
import { scratchFolder } from "../support/scratch.ts";

const folder = scratchFolder();

for (const [what, text] of [
  ["an object in its place", '{"redis":{"url":"redis://:hunter2@h"}}'],
  ["a comma that is missing", '{"redis":"redis://:hunter2@h" "x"}'],
  ["a list for an object", '["redis://:hunter2@h"]'],
  ["no quotes", "redis://:hunter2@h"],
] as const) {
  test(`a config file with ${what} is 78, and its password stays in it`, async () => {
    const path = `${folder}/config.json`;
    writeFileSync(path, text);
    const { code, err } = await runTool("avg", ["--once", "--config", path]);
    assert.equal(code, 78);
    assert.match(err, /config\.json/);
    assert.doesNotMatch(err, /hunter|redis:\/\//);
  });
}

test("variables and config files give every kind of option: spans, lists, flags, pairs", async () => {
  const input = ["CA", "NY", "TX"]
    .map((key, i) => `{"t":${i},"k":"${key}","ok":"yes","n":1,"who":"x"}\n`)
    .join("");
  const args = ["--replay", "-", "--time", "t", "--key", "k"];
  const expected =
    '{"t":0,"k":"CA","ok":"yes","n":1,"who":null}\n{"t":1,"k":"NY","ok":"yes","n":1,"who":null}\n';

  const byVariable = await runTool("ingest", args, {
    input,
    env: {
      RSVPULSE_SPEED: "max",
      RSVPULSE_INGEST_RAW: "1",
      RSVPULSE_WHERE: "ok=yes",
      RSVPULSE_KEYS: "CA,NY",
      RSVPULSE_REDACT: "who",
    },
  });
  assert.deepEqual([byVariable.code, byVariable.out], [0, expected], byVariable.err);

  const path = `${folder}/ingest.json`;
  const ingest = { speed: "max", raw: true, where: ["ok=yes", "n=1"], keys: "CA,NY", redact: ["who"] };
  writeFileSync(path, JSON.stringify({ ingest }));
  const byFile = await runTool("ingest", [...args, "--config", path], { input });
  assert.deepEqual([byFile.code, byFile.out], [0, expected], byFile.err);
});

test("a flag is true, false, 1 or 0, and nothing else", async () => {
  const set = (value: string) => runTool("diff", [], { env: { RSVPULSE_STRICT: value }, input: "x\n{}\n" });
  assert.match((await set("1")).err, /\(--strict\)/);
  assert.doesNotMatch((await set("false")).err, /\(--strict\)/);
  assert.deepEqual([(await set("constructor")).code, (await set("yes")).code], [64, 64]);
});

test("an empty variable is as good as none", async () => {
  const { code, err } = await runTool("diff", [], { env: { RSVPULSE_LATENESS: "", RSVPULSE_STRICT: "" } });
  assert.equal(code, 0, err);
  const avg = await runTool("avg", ["--stdin"], { env: { REDIS_URL: "" } });
  assert.equal(avg.code, 0, avg.err);
});

test("the example of the ten states counts these and the rest as one; every tool takes it for its config file", async () => {
  const config = `${ROOT}/examples/ten-states.config.json`;
  const keys = [...Array(10).fill("CA"), ...Array(5).fill("ME"), "WY", "ON", "AK"];
  const input = keys.map(
    (key, i) => `{"t":${i},"at":${i},"stream":"s","key":"${key}","id":null,"event":{}}\n`,
  );
  const { code, out, err } = await runTool("stats", ["--stdin", "--config", config], {
    input: input.join(""),
  });
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out).byKey, { CA: 10, ME: 5, other: 3 });
  for (const words of ["diff", "check-detect", "unusualness", "avg --stdin", "slack-push --dry-run"]) {
    const [tool, ...args] = words.split(" ");
    assert.equal((await runTool(tool!, [...args, "--config", config])).code, 0, words);
  }
});
