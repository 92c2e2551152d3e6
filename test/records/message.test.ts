import assert from "node:assert/strict";
import { test } from "node:test";
import { type MessageFilter, type MessagePaths, messageReader } from "../../src/records/message.ts";
import { parseTimePath, timeFrom } from "../../src/records/time-path.ts";

const PATHS: MessagePaths = {
  time: parseTimePath("mtime"),
  key: "group.state",
  upperCaseKey: true,
  id: "id",
};

function read(text: string | Buffer, paths = PATHS, filter: MessageFilter = {}) {
  const reader = messageReader(paths, filter);
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from("\n")]);
  const outcome = reader.read(bytes, 0, bytes.length - 1);
  return { outcome, ...reader.head };
}

test("time, category and id are found, numbers as ids become text", () => {
  const { outcome, t, key, id } = read('{"group":{"state":"ca"},"id":17,"mtime":1489925470960}');
  assert.deepEqual([outcome, t, key, id], ["ok", 1489925470960, "CA", "17"]);
});

test("an id too large for a double keeps every digit", () =>
  assert.equal(read('{"id":12345678901234567890,"mtime":1}').id, "12345678901234567890"));

test("a missing, null or empty category is no fault", () => {
  for (const state of ['"group":{}', '"group":{"state":null}', '"group":{"state":""}', '"group":[1]']) {
    const { outcome, key } = read(`{${state},"mtime":1}`);
    assert.deepEqual([outcome, key], ["ok", null]);
  }
});

test("names written with escapes are found all the same", () =>
  assert.equal(read('{"group":{"st\\u0061te":"ny"},"mtime":1}').key, "NY"));

test("a category is decoded: escapes and other scripts", () =>
  assert.equal(read('{"group":{"state":"d\\u00e9p \\"1\\" ü"},"mtime":1}').key, 'DÉP "1" Ü'));

for (const text of [
  '{"mtime":"1"}',
  '{"mtime":null}',
  "{}",
  '{"mtime":-1}',
  '{"mtime":1e300}',
  "[]",
  '{"mtime":1',
  "x",
]) {
  test(`${text} is bad`, () => assert.match(read(text).outcome, /^expected/));
}

test("bytes that are no UTF-8 are bad", () =>
  assert.match(read(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])).outcome, /UTF-8/));

test("units of time", () => {
  assert.equal(timeFrom(1489925470, "s"), 1489925470000);
  assert.equal(timeFrom(1783170000123456, "us"), 1783170000123.456);
  assert.equal(timeFrom("2017-03-19T12:11:10.960Z", "iso"), 1489925470960);
  assert.equal(timeFrom("2017-03-19 13:11:10+01:00", "iso"), 1489925470000);
  for (const local of ["2017-03-19", "2017-03-19T12:11", "12:11", "yesterday"])
    assert.equal(timeFrom(local, "iso"), undefined);
  assert.throws(() => parseTimePath("mtime:min"), /expected PATH\[:ms/);
});

test("filters keep what matches all of them", () => {
  const filtered = (where: [string, string][], keys?: string[]) =>
    read('{"group":{"state":"ca"},"n":5,"ok":true,"mtime":1}', PATHS, {
      where: where.map(([path, value]) => ({ path, value })),
      keys,
    }).outcome;
  assert.equal(
    filtered(
      [
        ["n", "5"],
        ["ok", "true"],
      ],
      ["CA", "NY"],
    ),
    "ok",
  );
  assert.equal(
    filtered([
      ["n", "5"],
      ["ok", "false"],
    ]),
    "filtered",
  );
  assert.equal(filtered([["absent", ""]]), "ok");
  assert.equal(filtered([], ["NY"]), "filtered");
});

test("one place may be time, category, id and condition at once", () => {
  const paths: MessagePaths = { time: parseTimePath("n"), key: "n", id: "n" };
  const where = [
    { path: "n", value: "7" },
    { path: "n", value: "7" },
  ];
  const { outcome, t, key, id } = read('{"n":7}', paths, { where });
  assert.deepEqual([outcome, t, key, id], ["ok", 7, "7", "7"]);
});

test("what is to be dropped is filtered, whatever else it holds or lacks; its time is told where it has one", () => {
  const drop = [
    { path: "group.state", value: "test" },
    { path: "kind", value: "canary" },
  ];
  assert.deepEqual(
    ['{"kind":"canary"}', '{"kind":"canary","mtime":7}', '{"group":{"state":"test"},"mtime":8}'].map(
      (text) => {
        const { outcome, t } = read(text, PATHS, { drop });
        return [outcome, t];
      },
    ),
    [
      ["filtered", Number.NaN],
      ["filtered", 7],
      ["filtered", 8],
    ],
  );
  assert.equal(read('{"group":{"state":"ny"},"mtime":1}', PATHS, { drop }).outcome, "ok");
  assert.match(read('{"group":{"state":"ny"}}', PATHS, { drop }).outcome, /expected a time/);
});
