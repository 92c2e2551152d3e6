import assert from "node:assert/strict";

/** A sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const UNESCAPED: Readonly<Record<string, string>> = { "\\\\": "\\", '\\"': '"', "\\n": "\n" };

/** Reads a whole exposition as strictly as its format is written down. @throws AssertionError at the first fault. */
export function parseExposition(text: string): Sample[] {
  assert.ok(text.endsWith("\n"), "the last line has an end");
  const samples: Sample[] = [];
  const series = new Set<string>();
  const types = new Map<string, string>();
  const helped = new Set<string>();
  let current: string | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word !== undefined) {
      assert.match(name, NAME);
      if (word === "HELP") {
        assert.ok(!helped.has(name), `HELP of ${name} twice`);
        helped.add(name);
        assert.match(rest, /\.$/, "a sentence");
      } else {
        assert.ok(!types.has(name), `TYPE of ${name} twice`);
        assert.match(rest, /^(?:gauge|counter)$/);
        types.set(name, rest);
      }
      current = name;
      continue;
    }
    const sample = sampleIn(line);
    assert.equal(sample.name, current, "the samples of a metric stand together, after its HELP and TYPE");
    assert.ok(types.has(sample.name) && helped.has(sample.name), line);
    const id = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    assert.ok(!series.has(id), `twice: ${line}`);
    series.add(id);
    samples.push(sample);
  }
  for (const [name, type] of types) assert.equal(name.endsWith("_total"), type === "counter", name);
  return samples;
}

function sampleIn(line: string): Sample {
  const [, name, inner = "", value] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? assert.fail(line);
  assert.match(name!, NAME);
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < inner.length; ) {
    const [, label, text] = LABEL.exec(inner) ?? assert.fail(`labels: ${line}`);
    assert.ok(!Object.hasOwn(labels, label!), line);
    labels[label!] = text!.replace(/\\["\\n]/g, (escaped) => UNESCAPED[escaped]!);
  }
  assert.match(value!, /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/, line);
  return { name: name!, labels, value: Number(value) };
}
