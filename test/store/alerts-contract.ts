import assert from "node:assert/strict";
import { type AlertRecord, alertExample } from "../../src/records/alert.ts";
import { ALERTS_KEPT } from "../../src/store/alert-store.ts";
import type { Store } from "../../src/store/store.ts";
import { NOON, promises } from "./contract.ts";

/** The `n`-th alert of a stream; no two are the same. */
export const alertOf = (n: number, fields: Partial<AlertRecord> = {}): AlertRecord => ({
  ...alertExample,
  t: NOON + n * 1000,
  id: `rsvps-rate-${NOON + n * 1000}`,
  stream: "rsvps",
  ...fields,
});
export const alertsOf = (from: number, to: number): AlertRecord[] =>
  Array.from({ length: to - from }, (_, i) => alertOf(from + i));

/** Words that no id can be, some of which Redis would take for something else. */
const HOSTILE = [
  "",
  "abc",
  "-",
  "+",
  "$",
  "*",
  "(1-1",
  "1-1-1",
  "-1-0",
  "1-",
  " 1-1",
  "1-1\r\nFLUSHALL\r\n",
  "18446744073709551616-0",
  "0-18446744073709551616",
  "99999999999999999999-99999999999999999999",
  "٣-٣",
  "1".repeat(100_000),
];

const reading = (store: Store, { after, max = 100 }: { after?: string | undefined; max?: number } = {}) =>
  store.alerts({ stream: "rsvps", after, max });
const alertsIn = async (store: Store, options: Parameters<typeof reading>[1] = {}) =>
  (await reading(store, options)).map(({ alert }) => alert);

/** Every promise of the alerts that can be seen from outside, on an empty store for each. */
export function alertsContract(name: string, open: () => Promise<Store>): void {
  const promise = promises(name, open);

  promise("there are no alerts of a stream that none were published of, after whatever", async (store) => {
    for (const after of [undefined, "1-1", "1"]) assert.deepEqual(await reading(store, { after }), []);
    await store.publish("rsvps", []);
    assert.deepEqual(await reading(store), []);
  });

  promise("alerts come as they were, in the order in which they were published", async (store) => {
    const odd = alertOf(3, {
      value: null,
      state: "resolved",
      reason: "returned",
      field: "share.TX",
      why: [],
      examples: [{ id: null, text: "{} “Ä” 東京 \u0000 \ud83d\ude00", url: null }],
      text: "two\nlines",
    });
    await store.publish("rsvps", [alertOf(5), odd]);
    await store.publish("rsvps", [alertOf(1)]);
    assert.deepEqual(await alertsIn(store), [alertOf(5), odd, alertOf(1)]);
  });

  promise(
    "with an id come the oldest after it, without one the newest; ids lead through all",
    async (store) => {
      await store.publish("rsvps", alertsOf(0, 10));
      assert.deepEqual(await alertsIn(store, { max: 3 }), alertsOf(7, 10));
      const first = (await reading(store))[0]!;
      let after: string = first.id;
      const walked = [first.alert];
      for (;;) {
        const next = await reading(store, { after, max: 4 });
        if (next.length === 0) break;
        assert.ok(next.length <= 4);
        walked.push(...next.map(({ alert }) => alert));
        after = next.at(-1)!.id;
      }
      assert.deepEqual(walked, alertsOf(0, 10));
      await store.publish("rsvps", [alertOf(10)]);
      assert.deepEqual(await alertsIn(store, { after }), [alertOf(10)], "and goes on from there");
    },
  );

  promise("none at all may be asked for, and more than there are", async (store) => {
    await store.publish("rsvps", alertsOf(0, 3));
    const { id: after } = (await reading(store))[0]!;
    for (const options of [{ max: 0 }, { after, max: 0 }, { max: -1 }]) {
      assert.deepEqual(await reading(store, options), []);
    }
    assert.equal((await reading(store, { max: 1e9 })).length, 3);
    assert.equal((await reading(store, { after, max: 1e9 })).length, 2);
  });

  promise("an id that is none of its own is as good as none", async (store) => {
    await store.publish("rsvps", alertsOf(0, 3));
    for (const after of HOSTILE) {
      assert.deepEqual(await alertsIn(store, { after, max: 2 }), alertsOf(1, 3), after.slice(0, 50));
    }
  });

  promise("streams are kept apart, whatever their names, and are none that hold data", async (store) => {
    const names = [
      "a}b",
      "{",
      "tea & {milk}",
      "Ä 東京",
      "",
      "rsvpulse:{x/0}:alerts",
      "a/b",
      "%7B",
      "__proto__",
    ];
    for (const [i, stream] of names.entries()) await store.publish(stream, [alertOf(i, { stream })]);
    for (const [i, stream] of names.entries()) {
      const told = await store.alerts({ stream, max: 10 });
      assert.deepEqual(
        told.map(({ alert }) => alert),
        [alertOf(i, { stream })],
      );
    }
    assert.deepEqual([await store.streams("gaps"), await store.streams("counts")], [[], []]);
  });

  promise(
    "a batch that is sent again is told once; another chapter of the same alert is not it",
    async (store) => {
      const batch = [alertOf(0), alertOf(0, { state: "update" }), alertOf(0, { t: NOON + 500 })];
      await store.publish("rsvps", batch);
      await store.publish("rsvps", batch);
      await store.publish("rsvps", [alertOf(1)]);
      assert.deepEqual(await alertsIn(store), [...batch, alertOf(1)]);
      const { id: after } = (await reading(store, { max: 1 }))[0]!;
      assert.deepEqual(await reading(store, { after }), []);
    },
  );

  promise(
    "the last thousand are kept, and hardly more; who was away begins with the oldest",
    async (store) => {
      await store.publish("rsvps", alertsOf(0, 10));
      const { id: first } = (await reading(store))[0]!;
      for (let from = 10; from < 2510; from += 100) await store.publish("rsvps", alertsOf(from, from + 100));
      assert.deepEqual(await alertsIn(store, { max: ALERTS_KEPT }), alertsOf(1510, 2510));
      assert.equal((await reading(store, { max: 1e9 })).length, ALERTS_KEPT, "a reading has a limit");
      const [oldest] = await alertsIn(store, { after: first, max: 1 });
      const kept = 2510 - (oldest!.t - NOON) / 1000;
      assert.ok(kept >= ALERTS_KEPT && kept < ALERTS_KEPT * 1.2, String(kept));
    },
  );
}
