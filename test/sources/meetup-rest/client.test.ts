import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../../src/core/errors.ts";
import { Passing } from "../../../src/core/retry.ts";
import { meetupRest } from "../../../src/sources/meetup-rest/client.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { groupId, type Instead, meetupApi, memberIds } from "../../support/meetup-api.ts";

const KEY = "0123456789abcdef";
const never = new AbortController().signal;

async function setting(
  instead?: Instead,
  { redact = [], key = KEY }: { redact?: readonly string[]; key?: string } = {},
) {
  const clock = fakeClock();
  const server = await meetupApi({
    elapsed: () => clock.elapsed(),
    ...(instead !== undefined && { instead }),
  });
  const client = await meetupRest({ api: server.url, key, redact, clock });
  return { ...server, clock, client };
}

/** Answers with a status and headers. */
const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = "no"): Instead =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
    return "done";
  };

test("two hundred ids go in one request, those that the API does not know are left out", async () => {
  const { client, requests } = await setting();
  const ids = [...memberIds(199), 3];
  const members = await client.fetch("members", ids, never);
  assert.equal(members.length, 199);
  assert.deepEqual(members[7]!.fields["id"], members[7]!.id);
  const groups = await client.fetch("groups", [groupId(3), groupId(9), 5], never);
  assert.deepEqual(
    groups.map(({ id }) => id),
    [groupId(3), groupId(9)],
  );
  assert.deepEqual(
    requests.map(({ kind, ids, key, status }) => [kind, ids.length, key, status]),
    [
      ["members", 200, KEY, 200],
      ["groups", 3, KEY, 200],
    ],
  );
  await client.close();
});

test("a hundred requests at once keep within the limit: the server refuses none", async () => {
  const { client, requests, clock } = await setting();
  await Promise.all(memberIds(100).map((id) => client.fetch("members", [id], never)));
  assert.deepEqual(new Set(requests.map(({ status }) => status)), new Set([200]));
  assert.equal(requests.length, 100);
  // Thirty in each window of ten seconds, and a second more for rounding.
  assert.ok(clock.elapsed() >= 30_000 && clock.elapsed() <= 34_000, String(clock.elapsed()));
  assert.match(client.standing(), /^20 requests left for \d+ s$/);
  await client.close();
});

test("an answer on several pages is read to its end, from our own address", async () => {
  const { client, requests } = await setting(({ url }) => {
    url.searchParams.set("page", "50");
    return undefined;
  });
  assert.equal((await client.fetch("members", memberIds(120), never)).length, 120);
  assert.equal(requests.length, 3);
  await client.close();
});

test("429, 5xx and a cut connection may pass; the wait is what Retry-After and the reset ask for", async () => {
  const cases: [Instead, RegExp, number][] = [
    [answering(429, { "retry-after": "7" }), /^it answers 429$/, 7000],
    [answering(429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" }), /^it answers 429$/, 10_000],
    [answering(503, { "retry-after": "3" }), /^it answers 503$/, 3000],
    [answering(500), /^it answers 500$/, 0],
    [answering(200, {}, "<html>"), /^it answers something else than the API does$/, 0],
    [answering(200, {}, '{"results":3}'), /^it answers something else than the API does$/, 0],
    [() => "cut", /^the connection was cut$/, 0],
  ];
  for (const [instead, message, wait] of cases) {
    const { client } = await setting(instead);
    await assert.rejects(client.fetch("members", [1], never), (error) => {
      assert.ok(error instanceof Passing);
      assert.match(error.message, message);
      assert.equal(error.wait, wait);
      return true;
    });
    await client.close();
  }
});

test("what will not pass is told with what to do, and never with the key", async () => {
  const elsewhere = { location: "http://127.0.0.1:1/" };
  const cases: [number, string, RegExp][] = [
    [401, "permission", /MEETUP_API_KEY/],
    [403, "permission", /MEETUP_API_KEY/],
    [302, "configuration", /redirection/],
    [400, "configuration", /--api/],
    [404, "configuration", /--api/],
  ];
  for (const [status, kind, message] of cases) {
    const { client, requests } = await setting(answering(status, elsewhere, `key=${KEY}`));
    await assert.rejects(client.fetch("members", [1], never), (error) => {
      assert.ok(error instanceof ToolError);
      assert.equal(error.kind, kind);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message + JSON.stringify(error.facts), new RegExp(KEY));
      return true;
    });
    assert.equal(requests.length, 1);
    await client.close();
  }
});

test("a wait for the limit ends when it is told to; nothing is asked for then", async () => {
  const { client, requests } = await setting(
    answering(503, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" }),
  );
  await assert.rejects(client.fetch("members", [1], never), Passing);
  const stop = new AbortController();
  const waiting = client.fetch("members", [1], stop.signal);
  stop.abort();
  await assert.rejects(waiting, Passing);
  assert.equal(requests.length, 1);
  await client.close();
});

test("the key is in nothing that is given, wherever an answer echoes it", async () => {
  const result = {
    id: 1,
    link: `https://x/?key=${KEY}&a=1`,
    bio: `it is ${KEY}`,
    photo: { photo_link: "p" },
  };
  const body = JSON.stringify({ results: [result], meta: { next: "", url: `https://x/?key=${KEY}` } });
  const { client } = await setting(answering(200, {}, body));
  const profiles = await client.fetch("members", [1], never);
  assert.deepEqual(profiles, [
    {
      id: 1,
      fields: {
        id: 1,
        link: "https://x/?key=REDACTED&a=1",
        bio: "it is REDACTED",
        photo: { photo_link: "p" },
      },
    },
  ]);
  await client.close();
});

test("a key of digits is taken out of texts and names; numbers with those digits in them stay", async () => {
  const key = "12345678";
  const result = { id: 1, joined: 1123456789, [`of ${key}`]: [key, null, 12345678] };
  const body = JSON.stringify({ results: [result] });
  for (const redact of [[], ["bio"]]) {
    const { client } = await setting(answering(200, {}, body), { key, redact });
    const [profile] = await client.fetch("members", [1], never);
    const fields = { id: 1, joined: 1123456789, "of REDACTED": ["REDACTED", null, 12345678] };
    assert.deepEqual(profile, { id: 1, fields });
    await client.close();
  }
});

test("values that are to be redacted are null, also inside", async () => {
  const { client } = await setting(undefined, { redact: ["name", "photo.photo_link"] });
  const [member] = await client.fetch("members", [8_000_001], never);
  assert.equal(member!.fields["name"], null);
  assert.equal((member!.fields["photo"] as { photo_link: unknown }).photo_link, null);
  assert.notEqual(member!.fields["city"], null);
  await client.close();
});

test("results that were not asked for, or are none, are left out", async () => {
  const body = JSON.stringify({ results: [null, 3, {}, { id: "x" }, { id: 2 }, { id: 1, a: 1 }] });
  const { client } = await setting(answering(200, {}, body));
  assert.deepEqual(await client.fetch("members", [1], never), [{ id: 1, fields: { id: 1, a: 1 } }]);
  await client.close();
});
