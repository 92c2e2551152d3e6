import assert from "node:assert/strict";
import { test } from "node:test";
import type { AlertRecord } from "../../src/records/alert.ts";
import { runShell } from "../support/run-tool.ts";

/** What the demo's story plants once it is known what is usual: from, to (s of stream time), what it must be called. */
const PLANTED = [
  { from: 112, to: 152, text: /Texas makes up/ },
  { from: 250, to: 290, text: /come [\d.]+ times as fast as usual/ },
  { from: 360, to: 405, text: /no RSVPs have come since|% of the usual rate/ },
  { from: 490, to: 550, text: /Vermont makes up|California makes up/ },
  { from: 740, to: 800, text: /% of the usual rate/ },
];
/** A change is told at the latest so long after it began, and what it was about is over by then, s. */
const TOLD_WITHIN = 45;

for (const seed of ["1", "2", "4"]) {
  test(`of the demo's story (seed ${seed}) each planted change is told, in the order of the story, and nothing else is`, async () => {
    const start = "2026-01-01T00:00:00Z";
    const { code, out, err } = await runShell(
      `bin/simulate --print 15m --story demo --rate 10 --seed ${seed} --start ${start} |
        bin/stats --stdin --time mtime --key group.group_state | bin/check-detect --source meetup-rsvps`,
    );
    assert.equal(code, 0, err);
    const lines = out.trimEnd().split("\n");
    const alerts = lines.map((line) => JSON.parse(line) as AlertRecord);
    const firings = alerts.filter(({ state }) => state === "firing");
    assert.equal(firings.length, PLANTED.length, firings.map(({ text }) => text).join("\n"));
    PLANTED.forEach(({ from, to, text }, i) => {
      const { t, text: told } = firings[i]!;
      const second = (t - Date.parse(start)) / 1000;
      assert.match(told, text);
      assert.ok(second > from && second <= Math.min(to, from + TOLD_WITHIN), `${second}: ${told}`);
    });
    assert.equal(alerts.filter(({ state }) => state === "resolved").length, PLANTED.length);
  });
}

test("records of a run that were kept and are fed again give the same alerts, byte for byte", async () => {
  const { code, out, err } = await runShell(
    `dir=$(mktemp -d) && bin/simulate --print 8m --rate 10 --story 5m:surge=3:1m --start 2026-01-01T00:00:00Z |
      bin/stats --stdin --time mtime --key group.group_state | tee $dir/day.ndjson | bin/check-detect > $dir/first &&
      bin/check-detect < $dir/day.ndjson | cmp - $dir/first && cat $dir/first; rm -r $dir`,
  );
  assert.equal(code, 0, err);
  assert.match(out, /"alert":"rate","state":"firing"/);
});
