import assert from "node:assert/strict";
import { test } from "node:test";
import { ToolError } from "../../src/core/errors.ts";
import { logOf } from "../../src/core/log.ts";
import { httpFunction } from "../../src/functions/http-function.ts";
import { type ProfilesWanted, profilesHandler } from "../../src/functions/profiles-handler.ts";
import { saveStreamData } from "../../src/functions/save-stream-data.ts";
import type { ProfileKind } from "../../src/profiles/kinds.ts";
import { serveFunction } from "../support/functions.ts";

const told: string[] = [];
const log = logOf((severity, message) => told.push(`${severity} ${message}`));

interface Saved {
  readonly bucket: string;
  readonly label: string;
  readonly id: string | null;
  readonly t: number;
  readonly text: string;
}
const saved: Saved[] = [];
interface Answered {
  readonly result?: string;
  readonly detail: string;
}
const streamUrl = await serveFunction(
  "stream",
  httpFunction(
    saveStreamData(async (bucket) => ({
      async save(label, id, t, bytes) {
        if (bucket === "refused") throw new ToolError("permission", "the bucket refused takes no object");
        const text = bytes.toString();
        if (saved.some((one) => one.text === text)) return "exists";
        saved.push({ bucket, label, id, t, text });
        return "created";
      },
    })),
    { log, methods: ["POST"] },
  ),
);
const post = async (query: string, body: string) => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${streamUrl}${query}`, { method: "POST", headers, body });
  return { status: response.status, body: (await response.json()) as Answered };
};

test("a message is saved byte for byte, with the id and the time where its stream has them", async () => {
  const messages: readonly [label: string, text: string, id: string][] = [
    ["rsvps", '{"rsvp_id": 1, "mtime": 1489926600123, "id": 9}', "1"],
    ["meetup-photos", '{"photo_id": 2,"mtime":1489926600123}', "2"],
    ["open_events", '{"id":"qwert","mtime":1489926600123}', "qwert"],
    ["elsewhere", '{"photo_id":3,"mtime":1489926600123}', "3"],
  ];
  for (const [label, text, id] of messages) {
    const { status, body } = await post(`?bucket=b-1&label=${label}`, text);
    assert.equal(status, 201);
    assert.deepEqual(body, { result: "created", label, id, t: 1489926600123 });
    assert.deepEqual(saved.at(-1), { bucket: "b-1", label, id, t: 1489926600123, text });
  }
  const again = await post("?bucket=b-1&label=rsvps", messages[0]![1]);
  assert.equal(again.status, 200);
  assert.equal(again.body.result, "exists");
});

for (const [query, body, detail] of [
  ["?label=l", "{}", /^the parameter bucket is missing/],
  ["?bucket=b-1", "{}", /^the parameter label is missing/],
  ["?bucket=B/..&label=l", "{}", /^expected the name of a bucket .*, got "B\/\.\."$/],
  ["?bucket=b-1&label=../x", "{}", /^expected letters, digits/],
  ["?bucket=b-1&label=rsvps", "", /^the body is missing/],
  ["?bucket=b-1&label=rsvps", "[1]", /expected a JSON object/],
  ["?bucket=b-1&label=rsvps", '{"rsvp_id":1}', /expected a time in ms at mtime/],
  ["?bucket=b-1&label=elsewhere", '{"id":1}', /expected a time in ms at mtime/],
] as const) {
  test(`save_stream_data ${query} with ${body || "no body"} is a 400`, async () => {
    const answer = await post(query, body);
    assert.equal(answer.status, 400);
    assert.match(answer.body.detail, detail);
  });
}

test("a bucket that takes nothing is a 403", async () => {
  assert.equal((await post("?bucket=refused&label=rsvps", '{"rsvp_id":1,"mtime":5}')).status, 403);
});

const asked: ProfilesWanted[] = [];
let key: string | undefined;
const profiles = (kind: ProfileKind) =>
  serveFunction(
    kind,
    httpFunction(
      profilesHandler({
        kind,
        key: () => key,
        log,
        async fetchProfiles(wanted) {
          asked.push(wanted);
          if (wanted.ids.includes(429))
            throw new ToolError("unavailable", "the rate limit is used up", {
              facts: { status: 429, retryAfter: 7 },
            });
          return { saved: wanted.ids.length, unknown: [] };
        },
      }),
      { log, methods: ["POST", "GET"], secretParameters: ["key"], secrets: () => [key] },
    ),
  );
const [memberUrl, groupUrl] = [await profiles("members"), await profiles("groups")];

test("members and groups are fetched for a collection, each id once, with the key of the environment", async () => {
  key = "from the environment";
  const members = await fetch(`${memberUrl}?member_id=1,2,%202&collection=people&key=old`);
  assert.equal(members.status, 200);
  assert.deepEqual(await members.json(), { saved: 2, unknown: [] });
  const groups = await fetch(`${groupUrl}?group_id=3&collection=groups`, { method: "POST" });
  assert.equal(groups.status, 200);
  assert.deepEqual(asked.splice(0), [
    { kind: "members", ids: [1, 2], collection: "people", key },
    { kind: "groups", ids: [3], collection: "groups", key },
  ]);
});

test("a key in the query is taken where there is no other, with a word of warning; none at all is ours", async () => {
  key = undefined;
  assert.equal((await fetch(`${memberUrl}?member_id=1&collection=people&key=old`)).status, 200);
  assert.equal(asked.splice(0)[0]?.key, "old");
  assert.ok(told.some((line) => line.startsWith("NOTICE a key came in the query")));
  const none = await fetch(`${memberUrl}?member_id=1&collection=people`);
  assert.equal(none.status, 500);
  assert.ok(told.at(-1)?.includes("set the secret MEETUP_API_KEY"));
});

test("what is wrong with a request for profiles is a 400, a rate limit is passed on", async () => {
  key = "k";
  const ask = async (query: string) => {
    const response = await fetch(`${memberUrl}${query}`);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answered };
  };
  for (const [query, detail] of [
    ["?collection=c", /^the parameter member_id is missing/],
    ["?member_id=1", /^the parameter collection is missing/],
    ["?member_id=x&collection=c", /^expected up to 200 numbers/],
    ["?member_id=9007199254740993&collection=c", /^expected up to 200 numbers/],
    [
      `?member_id=${Array.from({ length: 201 }, (_, i) => i + 1)}&collection=c`,
      /^expected up to 200 numbers/,
    ],
    ["?member_id=1&collection=a/b", /^expected the name of one collection/],
  ] as const) {
    const { status, body } = await ask(query);
    assert.equal(status, 400, query);
    assert.match(body.detail, detail);
  }
  const limited = await ask("?member_id=429&collection=c");
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "7");
});
