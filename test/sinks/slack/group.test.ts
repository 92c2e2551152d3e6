import assert from "node:assert/strict";
import { test } from "node:test";
import { nextPost } from "../../../src/sinks/slack/group.ts";
import { decodeItem, type Item } from "../../../src/sinks/slack/item.ts";

const text = (words: string): Item => ({ kind: "text", text: words, severity: undefined, tool: undefined });
const alert = (state: string, id: string, words = `${id} is ${state}`): Item =>
  decodeItem(JSON.stringify({ alert: "rate", t: 1, state, id, text: words })) as Item;

test("nothing that waits gives no post", () => {
  assert.equal(nextPost([]), undefined);
});

test("several records are one post, each text on a line of its own, in order", () => {
  const post = nextPost([text("one"), alert("firing", "a"), text("three")]);
  assert.equal(post?.count, 3);
  assert.equal(post?.payload.text, "one\n🔴 a is firing\nthree");
});

test("an alert that ended while it waited is one line that holds both texts in full", () => {
  const post = nextPost([alert("firing", "a"), text("between"), alert("resolved", "a")]);
  assert.equal(post?.count, 3);
  assert.equal(post?.payload.text, "✅ a is firing → a is resolved\nbetween");
  const alone = nextPost([alert("firing", "a", "down\nfar"), alert("resolved", "a")]);
  assert.equal(alone?.payload.text, "✅ down far → a is resolved");
});

test("what came between the firing and its end stands between them", () => {
  const post = nextPost([
    alert("firing", "a"),
    alert("update", "a"),
    alert("firing", "b"),
    alert("resolved", "a"),
  ]);
  assert.equal(post?.payload.text, "✅ a is firing → a is update → a is resolved\n🔴 b is firing");
});

test("an end without its firing, and another episode's, stand alone", () => {
  assert.equal(
    nextPost([alert("firing", "a"), alert("resolved", "b")])?.payload.text,
    "🔴 a is firing\n✅ b is resolved",
  );
});

test("what does not fit waits for the next post", () => {
  const long = Array.from({ length: 20 }, (_, i) => text(`${i} ${"x".repeat(1500)}`));
  const post = nextPost(long);
  assert.equal(post?.count, 4);
  assert.equal(nextPost(Array.from({ length: 60 }, () => text("x")))?.count, 50);
});

test("no more than asked for are taken", () => {
  assert.equal(nextPost([text("a"), text("b")], 1)?.count, 1);
});

const logged = (severity: string, message: string, more: object = {}): Item =>
  decodeItem(JSON.stringify({ severity, tool: "ingest", message, ...more })) as Item;

test("log records share a post, each in its colour, and none with what has no colour", () => {
  const items = [
    logged("ERROR", "one", { code: 5 }),
    logged("WARNING", "two"),
    alert("firing", "a"),
    logged("ERROR", "three"),
  ];
  const post = nextPost(items);
  assert.equal(post?.count, 2);
  assert.equal(post?.payload.text, "🔴 *ERROR ingest* one\n🟡 *WARNING ingest* two");
  assert.deepEqual(
    post?.payload.attachments?.map(({ color }) => color),
    ["#d72b3f", "#f2c744"],
  );
  assert.equal(nextPost(items.slice(2))?.count, 1);
  assert.equal(nextPost(Array.from({ length: 30 }, () => logged("ERROR", "x")))?.count, 20);
});
