import assert from "node:assert/strict";
import { test } from "node:test";
import { restAnswer } from "../../src/simulate/rest.ts";
import { throttle } from "../../src/simulate/throttle.ts";
import { world } from "../../src/simulate/world.ts";
import { linesOf, type Message, messagesOf, plainWorld } from "../support/world-lines.ts";

const made = world(plainWorld);
const ask = (path: string): Message => {
  const url = new URL(path, "http://127.0.0.1:8181");
  const method = url.pathname.endsWith("groups") ? "groups" : "members";
  return restAnswer(made, { method, url, now: plainWorld.start });
};

test("members of the stream are found with the same name; ids of nobody are left out", () => {
  const { member } = messagesOf(linesOf({}, { span: 2000 }))[0]!;
  const { results, meta } = ask(`/2/members?member_id=${member.member_id},12,nobody`)["body"];
  assert.equal(results.length, 1);
  assert.equal(results[0].id, member.member_id);
  assert.equal(results[0].name, member.member_name);
  assert.deepEqual([meta.count, meta.total_count, meta.next, meta.method], [1, 1, "", "Members"]);
});

test("groups of the stream are found by id and by name, as the stream tells them", () => {
  const { group } = messagesOf(linesOf({}, { span: 2000 }))[0]!;
  for (const query of [`group_id=${group.group_id}`, `group_urlname=${group.group_urlname}`]) {
    const [found] = ask(`/2/groups?${query}`)["body"].results;
    assert.deepEqual(
      [found.id, found.name, found.urlname, found.city, found.lat, found.country],
      [
        group.group_id,
        group.group_name,
        group.group_urlname,
        group.group_city,
        group.group_lat,
        group.group_country.toUpperCase(),
      ],
    );
  }
});

test("pages have at most 200 results and lead on to the next", () => {
  const ids = Array.from({ length: 450 }, (_, i) => 8_000_000 + i).join(",");
  const first = ask(`/2/members?member_id=${ids}`)["body"];
  assert.deepEqual([first.meta.count, first.meta.total_count], [200, 450]);
  const second = ask(first.meta.next)["body"];
  const third = ask(second.meta.next)["body"];
  assert.deepEqual([second.results[0].id, third.results.length, third.meta.next], [8_000_200, 50, ""]);
});

test("meta.url echoes the request, its key included", () => {
  const { meta } = ask("/2/members?member_id=8000001&key=abc")["body"];
  assert.match(meta.url, /^http:\/\/127\.0\.0\.1:8181\/2\/members\?.*key=abc/);
});

test("a request without ids is told what was expected", () => {
  assert.deepEqual(ask("/2/members"), { problem: "expected member_id, separated by commas" });
  assert.deepEqual(ask("/2/groups?group_id=,"), {
    problem: "expected group_id or group_urlname, separated by commas",
  });
  assert.deepEqual(ask("/2/groups?group_id=1&page=0"), {
    problem: "expected whole numbers in page and offset",
  });
});

test("a key has 30 requests in 10 s, then none until the window ends; keys do not share", () => {
  const allowance = throttle();
  for (let used = 1; used <= 30; used++) {
    const { allowed, headers } = allowance("a", 100 * used);
    assert.ok(allowed);
    assert.equal(headers["x-ratelimit-remaining"], String(30 - used));
  }
  const refused = allowance("a", 5100);
  assert.equal(refused.allowed, false);
  assert.deepEqual(refused.headers, {
    "x-ratelimit-limit": "30",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "5",
  });
  assert.ok(allowance("b", 5100).allowed);
  assert.ok(allowance("a", 10_100).allowed);
});
