import assert from "node:assert/strict";
import { test } from "node:test";
import { status as grpc } from "@grpc/grpc-js";
import { type CommitFate, firestoreServer } from "../support/firestore-server.ts";
import { deployFunction } from "../support/functions.ts";
import { groupId, type Instead, meetupApi, memberIds } from "../support/meetup-api.ts";

const KEY = "k3y/with+SECRET";
let instead: Instead = () => undefined;
let fate: () => CommitFate = () => undefined;
const api = await meetupApi({ instead: (request, response) => instead(request, response) });
const database = await firestoreServer(() => fate());
const env = {
  MEETUP_API_KEY: `${KEY}\n`,
  RSVPULSE_API: api.url.href,
  FIRESTORE_EMULATOR_HOST: database.host,
  METADATA_SERVER_DETECTION: "none",
  GOOGLE_CLOUD_PROJECT: "test-project",
};
type Env = Readonly<Record<string, string | undefined>>;

/** A deployed function, whose answers and log are searched for keys and stacks. */
async function deployed(target: string, more: Env = {}) {
  const { url, process } = await deployFunction(target, { ...env, ...more });
  const log = () => process.err() + process.out();
  return {
    log,
    async ask(query: string) {
      const response = await fetch(`${url}${query}`, { method: "POST" });
      const text = await response.text();
      const headers = JSON.stringify([...response.headers]);
      assert.doesNotMatch(text + headers + log(), /SECRET| {4}at |"stack"|node_modules/);
      const { detail, saved, unknown } = JSON.parse(text) as {
        readonly detail?: string;
        readonly saved?: number;
        readonly unknown?: readonly number[];
      };
      const retryAfter = response.headers.get("retry-after");
      return { status: response.status, retryAfter, detail, saved, unknown };
    },
  };
}
/** The API answers so, once; the limit that it tells starts anew. */
function once(answer: Instead): void {
  instead = (request, response) => {
    instead = () => undefined;
    return answer(request, response);
  };
}
const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}): Instead =>
  (request, response) => {
    // As the API did: what it says of a request holds the key.
    response.writeHead(status, headers).end(JSON.stringify({ problem: `bad ${request.url}` }));
    return "done";
  };

const members = await deployed("save_member_data");
const [ann, ben, ...others] = memberIds(200);

test("members are fetched and merged: what the document has besides stays, and the same again changes nothing", async () => {
  const path = `people/m${ann}`;
  const first = await members.ask(`?member_id=${ann},${ben},5&collection=people`);
  assert.deepEqual([first.status, first.saved, first.unknown], [200, 2, [5]]);
  const document = structuredClone(database.documents.get(path))!;
  assert.equal(document["id"], ann);
  assert.equal(typeof document["name"], "string");
  // Somebody else's field, and one that the API has another word for by now.
  Object.assign(database.documents.get(path)!, { seen: true, name: "old" });
  for (let i = 0; i < 2; i++) {
    assert.equal((await members.ask(`?member_id=${ann}&collection=people`)).saved, 1);
    assert.deepEqual(database.documents.get(path), { ...document, seen: true });
  }
  assert.deepEqual([...database.documents.keys()].sort(), [path, `people/m${ben}`].sort());
  assert.ok(api.requests.every(({ key }) => key === KEY));
  assert.doesNotMatch(JSON.stringify([...database.documents.values()]), /SECRET/);
  assert.deepEqual(database.others, []);
});

test("two hundred go in one request and one commit", async () => {
  const [requests, commits] = [api.requests.length, database.commits.length];
  const answer = await members.ask(`?member_id=${[ann, ben, ...others]}&collection=many`);
  assert.deepEqual([answer.status, answer.saved], [200, 200]);
  assert.equal(api.requests.length, requests + 1);
  assert.deepEqual(database.commits.slice(commits), [200]);
});

test("groups are fetched by another function, into the collection that is asked for", async () => {
  const groups = await deployed("save_group_data");
  const answer = await groups.ask(`?group_id=${groupId(1)}&collection=groups`);
  assert.deepEqual([answer.status, answer.saved, answer.unknown], [200, 1, []]);
  assert.equal(database.documents.get(`groups/m${groupId(1)}`)?.["id"], groupId(1));
});

for (const [upstream, headers, status, retryAfter, detail] of [
  [401, {}, 403, null, /answers 401: it does not take the key/],
  [403, {}, 403, null, /answers 403: it does not take the key/],
  [429, { "retry-after": "7" }, 429, "7", /^Meetup's API at 127.0.0.1:\d+: it answers 429$/],
  [503, { "retry-after": "12" }, 503, "12", /: it answers 503$/],
  [500, {}, 503, "30", /: it answers 500$/],
  [302, { location: "http://127.0.0.1:1/" }, 500, null, /^the function failed; its log says why$/],
  [404, {}, 500, null, /^the function failed; its log says why$/],
  [200, {}, 503, "30", /: it answers something else than the API does$/],
] as const) {
  test(`the API's ${upstream} ${JSON.stringify(headers)} is a ${status}, after one try`, async () => {
    const before = api.requests.length;
    once(answering(upstream, headers));
    const answer = await members.ask(`?member_id=${ann}&collection=people`);
    assert.deepEqual([answer.status, answer.retryAfter], [status, retryAfter]);
    assert.match(answer.detail ?? "", detail);
    assert.equal(api.requests.length, before + 1);
  });
}

test("a connection to the API that breaks is a 503", async () => {
  once(() => "cut");
  const answer = await members.ask(`?member_id=${ann}&collection=people`);
  assert.deepEqual([answer.status, answer.retryAfter], [503, "30"]);
  assert.match(answer.detail ?? "", /the connection was cut$/);
});

for (const [code, status, retryAfter, detail] of [
  [grpc.PERMISSION_DENIED, 403, null, /^Firestore: it does not let us write; .* Cloud Datastore User/],
  [grpc.UNAUTHENTICATED, 403, null, /^Firestore: it does not let us write/],
  [grpc.RESOURCE_EXHAUSTED, 429, "30", /^Firestore: it answers RESOURCE_EXHAUSTED$/],
  [grpc.UNAVAILABLE, 503, "30", /^Firestore: it answers UNAVAILABLE$/],
  [grpc.ABORTED, 503, "30", /^Firestore: it answers ABORTED$/],
  [grpc.DEADLINE_EXCEEDED, 503, "30", /^Firestore: it answers DEADLINE_EXCEEDED$/],
  [grpc.NOT_FOUND, 500, null, /^the function failed; its log says why$/],
  [grpc.INVALID_ARGUMENT, 500, null, /^the function failed; its log says why$/],
] as const) {
  test(`Firestore's ${grpc[code]} is a ${status}, after one try`, async () => {
    const before = database.commits.length;
    fate = () => ({ code });
    const answer = await members.ask(`?member_id=${ann}&collection=people`);
    fate = () => undefined;
    assert.deepEqual([answer.status, answer.retryAfter], [status, retryAfter]);
    assert.match(answer.detail ?? "", detail);
    assert.equal(database.commits.length, before + 1);
    assert.deepEqual(database.others, []);
  });
}

test("once the API's limit is used up it is not asked before its reset: a 429 that says when", async () => {
  const fresh = await deployed("save_member_data");
  const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "60" };
  once((_, response) => {
    response.writeHead(200, headers).end('{"results":[],"meta":{}}');
    return "done";
  });
  assert.deepEqual((await fresh.ask(`?member_id=${ann}&collection=people`)).unknown, [ann]);
  const before = api.requests.length;
  const answer = await fresh.ask(`?member_id=${ann}&collection=people`);
  assert.equal(answer.status, 429);
  const wait = Number(answer.retryAfter);
  assert.ok(wait > 30 && wait <= 61, String(answer.retryAfter));
  assert.match(answer.detail ?? "", /its limit is used up$/);
  assert.equal(api.requests.length, before);
});

test("a key in the query is taken where there is no secret, and is in no answer and no log", async () => {
  const old = await deployed("save_member_data", { MEETUP_API_KEY: undefined });
  const key = encodeURIComponent(KEY);
  const query = `?member_id=${ann}&collection=people`;
  const none = await old.ask(query);
  assert.equal(none.status, 500);
  assert.match(old.log(), /set the secret MEETUP_API_KEY/);
  assert.equal((await old.ask(`${query}&key=${key}`)).status, 200);
  assert.equal(api.requests.at(-1)?.key, KEY);
  once(answering(401));
  assert.equal((await old.ask(`${query}&key=${key}`)).status, 403);
  assert.equal((await old.ask(`${query}&key=with%20a%20SECRET%20gap`)).status, 400);
});

test("an address of the API that may not be used is ours, and its log says which variable it is", async () => {
  const wrong = await deployed("save_member_data", { RSVPULSE_API: "http://api.example.com" });
  assert.equal((await wrong.ask(`?member_id=${ann}&collection=people`)).status, 500);
  assert.match(wrong.log(), /RSVPULSE_API: expected https/);
});
