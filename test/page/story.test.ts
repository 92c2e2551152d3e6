import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health, Shares } from "../../src/api/wire.ts";
import { applyAlert, applyLoaded, applyStats, initialState, type PageState } from "../../src/page/state.ts";
import { storyOf, titleOf } from "../../src/page/story.ts";
import { alertExample } from "../../src/records/alert.ts";
import { statsExample } from "../../src/records/stats.ts";

const END = Math.floor(alertExample.t / 1000);
const HEALTH: Health = {
  ...{ status: "live", origin: "stdin", stream: "meetup-rsvps", t: END * 1000, age: 0 },
  ...{ connected: true, blind: false },
};
const seconds = Array.from({ length: 600 }, (_, i) => END - 599 + i);
const history = (usual: number | null) => ({
  ...{ stream: "meetup-rsvps", t: END * 1000, noun: "RSVP", seconds },
  rate: seconds.map(() => 10),
  usual: seconds.map(() => usual),
  entropy: seconds.map(() => 4.5),
});
const texas: Shares = {
  ...{ stream: "meetup-rsvps", t: 0, noun: "RSVP", places: "us-states" },
  ...{ now: { seconds: 10, n: 300 }, usual: { seconds: 600, n: 6000 } },
  categories: [{ key: "TX", name: "Texas", now: 0.3, usual: 0.1, surplus: 9, standing: "surging" }],
  others: { categories: 50, now: 0.7, usual: 0.9 },
};

/** A page that is open and has loaded ten minutes. */
function loaded(more: Partial<PageState> = {}, usual: number | null = 10): PageState {
  const state = initialState();
  applyLoaded(state, { history: history(usual), shares: undefined, alerts: [] });
  return Object.assign(state, { link: "open", health: HEALTH }, more);
}

test("a calm stream is told with its rate", () => {
  const state = loaded();
  const { sentence, mood, label, standing } = storyOf(state);
  assert.equal(sentence, "RSVPs come as usual: 10.0 a second.");
  assert.deepEqual([mood, label, standing], ["usual", "Live", "live"]);
  assert.equal(titleOf(storyOf(state), state), "10.0/s – meetup-rsvps");
});

test("what is usual is said to be unknown while it is", () => {
  assert.match(storyOf(loaded({}, null)).sentence, /10\.0 a second\. What is usual is still being learnt\.$/);
});

test("an open episode is told in the alert's words, without the stream and the odds", () => {
  const state = loaded();
  assert.equal(applyAlert(state, alertExample), true);
  assert.equal(applyAlert(state, alertExample), false);
  const story = storyOf(state);
  assert.equal(
    story.sentence,
    "RSVPs come 3.2 times as fast as usual: 4.1 a second against 1.3, since 12:31:04 UTC; Texas carries 58 % of the extra.",
  );
  assert.equal(story.mood, "up");
  assert.equal(titleOf(story, state), "▲ 1.0 × – meetup-rsvps");
});

test("an episode that is over is told as the last one", () => {
  const state = loaded();
  const since = (END - 400) * 1000;
  applyAlert(state, { ...alertExample, since, t: since + 138_000, state: "resolved" });
  assert.equal(storyOf(state).detail, "Last out of the ordinary: faster for 2 min 18 s, over 4 min ago.");
});

test("a rate far from usual is told before any detector has said so, and so is a share", () => {
  const state = loaded({ shares: texas });
  for (let second = 1; second <= 5; second++)
    applyStats(state, { ...statsExample, t: (END + second) * 1000, events: 40, seconds: 1 });
  const { sentence, detail } = storyOf(state);
  assert.equal(sentence, "RSVPs come at 25.0 a second; usual is 10.0.");
  assert.equal(
    detail,
    "25.0 a second in the last 10 s, 2.5 × usual. Texas (3.0 × its usual share) stands out.",
  );
});

test("a page that cannot know says so, and until when it knew", () => {
  const lost = storyOf(loaded({ link: "lost" }));
  assert.equal(lost.label, "Reconnecting");
  assert.match(
    lost.sentence,
    /lost the API and is trying again\. What is shown is how it was at (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC\.$/,
  );
  const away = storyOf(loaded({ health: { ...HEALTH, status: "away", detail: "Redis does not answer." } }));
  assert.equal(away.label, "Store away");
  assert.match(away.sentence, /^Redis does not answer\. What is shown/);
  assert.match(
    storyOf(loaded({ health: { ...HEALTH, status: "ended" } })).sentence,
    /^The stream has ended\./,
  );
});

test("while blind no rate is told", () => {
  const health: Health = { ...HEALTH, status: "blind", blind: true, connected: false, age: 60 };
  const state = loaded({ health });
  const { sentence, detail, mood } = storyOf(state);
  assert.deepEqual([detail, mood], ["", "blind"]);
  assert.match(sentence, /We are blind/);
});

test("before anything came the page waits", () => {
  const state = initialState();
  assert.equal(storyOf(state).sentence, "Connecting …");
  const health: Health = { ...HEALTH, status: "waiting", t: null, age: null, connected: null };
  const story = storyOf(Object.assign(state, { link: "open", health }));
  assert.deepEqual([story.label, story.sentence], ["Waiting", "Nothing has come yet."]);
});
