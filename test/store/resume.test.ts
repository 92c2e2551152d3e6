import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { microsOf } from "../../src/rate/gap-window.ts";
import { type PlacedEvent, placedGaps } from "../../src/rate/placed-gaps.ts";
import type { PlacedGap } from "../../src/records/gap.ts";
import type { Resumed } from "../../src/records/resumed.ts";
import { CountBatches } from "../../src/store/count-batches.ts";
import { GapBatches } from "../../src/store/gap-batches.ts";
import type { Gathered, Unnumbered } from "../../src/store/gatherer.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { redisStore } from "../../src/store/redis.ts";
import { parseRedisAddress } from "../../src/store/redis-address.ts";
import { redisLink } from "../../src/store/redis-link.ts";
import { Repeats } from "../../src/store/repeats.ts";
import { runStart } from "../../src/store/run-start.ts";
import type { BatchHead, BatchNumber, Store } from "../../src/store/store.ts";
import { redisServer } from "../support/redis-server.ts";
import { NOON } from "./contract.ts";
import { resumeContract } from "./resume-contract.ts";

const server = await redisServer();
const emptyStore = async () => {
  await server.command("FLUSHALL");
  return redisStore(redisLink(parseRedisAddress(server.url)));
};
resumeContract("redis", emptyStore);

const LATENESS = 1000;
const OVERLAP = 60_000;
const RULE = { categoriesMax: 1000, latenessMs: LATENESS };

/** A message of a source that remembers them all. */
interface Message {
  readonly t: number;
  readonly number: number;
  readonly key: string;
  readonly text: string;
}

/** How a source names its places, and what it gives to who asks. */
interface Kind {
  readonly name: string;
  cursor(message: Message, passed: number): string;
  ask(messages: readonly Message[], resumed: Resumed): readonly Message[];
}
const KINDS: readonly Kind[] = [
  {
    name: "ids",
    cursor: ({ number }) => JSON.stringify(`id-${number}`),
    ask: (messages, { after }) =>
      messages.filter(({ number }) => after === undefined || number > Number(String(after).slice(3))),
  },
  {
    name: "times",
    cursor: (_, passed) => String(passed),
    ask: (messages, { since = 0 }) => messages.filter(({ t }) => t >= since),
  },
];

/** How far a run gets: messages read; batches stored of each branch. */
interface Kill {
  readonly read: number;
  readonly chunk: number;
  readonly gaps: number;
  readonly counts: number;
}

let writers = 0;

/** One run, as ingest, diff, redis-insert and insert-distribution make it together; killed, or to the end. */
async function run(
  store: Store,
  { messages, kind }: { messages: readonly Message[]; kind: Kind },
  kill?: Kill,
) {
  const stream = "s";
  const start = runStart(await store.beginRun(stream));
  const { place, origin } = start;
  const passed = place?.passed;
  const resumed: Resumed = {
    run: start.run,
    ...(place !== undefined &&
      origin === undefined && { after: JSON.parse(place.cursor) as string | number }),
    ...(passed !== undefined && { passed, since: passed - OVERLAP }),
    ...(start.edge !== undefined && { gaps: start.edge }),
  };
  const asked = kind.ask(messages, kind.name === "ids" ? resumed : { ...resumed });
  const repeats = new Repeats(
    await store.trail(stream, start.run),
    kind.name === "ids" ? withoutSince(resumed) : resumed,
  );
  const gapBatches = new GapBatches(stream, 3600);
  const countBatches = new CountBatches(stream, RULE);
  gapBatches.begin(start.run);
  countBatches.begin(start.run, passed);
  const release = ({ t, at, diff, place: to, prints = [] }: PlacedGap) => {
    gapBatches.gap(t, at, microsOf(diff));
    gapBatches.place(t, to, prints.map((print) => JSON.stringify(print)).join(","));
  };
  const options = { lateness: LATENESS, resumed, first() {}, late() {}, repeated() {} };
  const stage = placedGaps<PlacedEvent>(options)(release);
  const storing = { gaps: kill?.gaps ?? 1e9, counts: kill?.counts ?? 1e9 };
  const writer = `w${++writers}`;
  let sequence = 0;
  async function storeAll<B extends Unnumbered<BatchHead>>(
    branch: keyof typeof storing,
    batches: readonly Gathered<B>[],
    commit: (batch: B & BatchNumber) => Promise<unknown>,
  ): Promise<void> {
    for (const { batch } of batches) {
      if (storing[branch]-- > 0) await commit({ ...batch, writer, sequence: ++sequence });
    }
  }
  let greatest = passed ?? 0;
  const now = NOON + 3_000_000 + start.run;
  for (const [index, message] of asked.slice(0, kill?.read).entries()) {
    greatest = Math.max(greatest, message.t);
    const cursor = kind.cursor(message, greatest);
    const bytes = Buffer.from(message.text);
    const event = { t: message.t, message: () => bytes };
    if (place === undefined && index === 0) {
      await store.keepOrigin(
        stream,
        `{"t":${message.t},"at":${now},"stream":"s","key":"k","id":null,"cursor":${cursor},"event":{}}`,
      );
    }
    stage.push({ t: message.t, at: now, cursor, print: Buffer.from(message.text).toString("hex") });
    if (repeats.isRepeat(event)) countBatches.repeated(message.t, now, cursor);
    else countBatches.event(message.key, message.t, now, { cursor, message: event.message });
    if (kill !== undefined && index % kill.chunk !== 0) continue;
    await storeAll("gaps", gapBatches.take(), store.commit);
    await storeAll("counts", countBatches.take(), store.commitCounts);
  }
  if (kill !== undefined) return;
  stage.end?.();
  await storeAll("gaps", gapBatches.take(), store.commit);
  await storeAll("counts", countBatches.take(), store.commitCounts);
}

const withoutSince = ({ since: _, ...resumed }: Resumed): Resumed => resumed;

const streams = fc
  .array(fc.record({ step: fc.nat(300), behind: fc.nat(400), same: fc.nat(9) }), {
    minLength: 2,
    maxLength: 40,
  })
  .map((steps) => {
    let now = NOON;
    const messages: Message[] = [];
    for (const [number, { step, behind, same }] of steps.entries()) {
      now += step < 100 ? 0 : step;
      const t = number === 0 || behind < 200 ? now : Math.max(NOON, now - behind);
      const twin = same === 0 ? messages.at(-1) : undefined;
      const key = `k${number % 3}`;
      messages.push(twin === undefined ? { t, number, key, text: `${t} ${number}` } : { ...twin, number });
    }
    return messages;
  });
const kills = fc.array(
  fc.record({ read: fc.nat(40), chunk: fc.integer({ min: 1, max: 9 }), gaps: fc.nat(8), counts: fc.nat(8) }),
  { maxLength: 6 },
);

async function checked(store: Store, messages: readonly Message[]): Promise<void> {
  const counts = await store.readCounts({ stream: "s", seconds: 0, views: ["all"] });
  const expected = new Map<string, number>();
  for (const { key } of messages) expected.set(key, (expected.get(key) ?? 0) + 1);
  assert.deepEqual(new Map([...counts!.all!].sort()), new Map([...expected].sort()));
  const gaps = await store.read({ stream: "s", seconds: 0 });
  const times = messages.map(({ t }) => t);
  assert.equal(gaps?.count ?? 0, messages.length - 1);
  assert.equal(gaps?.sumMicros ?? 0, 1000 * (Math.max(...times) - Math.min(...times)));
}

for (const kind of KINDS) {
  for (const [name, open, numRuns] of [
    ["memory", async () => memoryStore({ elapsed: () => 0 }), 400],
    ["redis", emptyStore, 40],
  ] as const) {
    test(`${name}, a source that goes by ${kind.name}: whatever is killed when, each event counts once`, () =>
      fc.assert(
        fc.asyncProperty(streams, kills, async (messages, cuts) => {
          const store = await open();
          try {
            for (const kill of cuts) await run(store, { messages, kind }, kill);
            await run(store, { messages, kind });
            await checked(store, messages);
          } finally {
            await store.close();
          }
        }),
        { numRuns },
      ));
  }
}
