import { ToolError } from "../../core/errors.ts";
import { type ArchivedCounts, type ArchivedMessage, type Keeper, labelGuard } from "./archiver.ts";
import { HASH_DIGITS, objectStem, sha256 } from "./object-name.ts";
import type { NewObject, ObjectStore } from "./object-store.ts";

/** Messages that go to the store at a time, at most. */
const LOAD_MAX = 2000;

/**
 * Keeps each message as an object of its own, `{label}/{id}_{second}.json`; where that name holds other bytes, under one
 * that ends with some of its hash. The same message again is there already.
 *
 * A message is kept for good when its file and its folder are synced, or the bucket has said so.
 */
export function objectKeeper(store: ObjectStore): Keeper {
  const guard = labelGuard();
  let waiting: ArchivedMessage[] = [];
  let [bytes, messages] = [0, 0];

  async function keepLoad(load: readonly ArchivedMessage[], giveUp: AbortSignal): Promise<ArchivedCounts> {
    let archived = 0;
    let rest = load.map(({ label, id, t, bytes: content }) => {
      let known: string | undefined;
      const hash = () => {
        known ??= sha256(content);
        return known;
      };
      return { stem: objectStem(label, { id, t, hash }), hash, bytes: content };
    });
    for (const digits of [0, ...HASH_DIGITS]) {
      const objects: NewObject[] = rest.map(({ stem, hash, bytes: content }) => ({
        name: digits === 0 ? `${stem}.json` : `${stem}-${hash().slice(0, digits)}.json`,
        bytes: content,
      }));
      const puts = await store.putAll(objects, giveUp);
      archived += puts.filter((put) => put === "created").length;
      rest = rest.filter((_, i) => puts[i] === "different");
      if (rest.length === 0) break;
      if (digits === HASH_DIGITS.at(-1)) {
        const { name } = objects[puts.indexOf("different")]!;
        throw new ToolError(
          "io",
          `${store.shown}: ${name} holds other bytes than its name says; move it away`,
        );
      }
    }
    return { archived, there: load.length - archived };
  }

  return {
    get bytes() {
      return bytes;
    },
    get messages() {
      return messages;
    },
    push(message) {
      guard(message.label);
      waiting.push({ ...message, bytes: Buffer.from(message.bytes) });
      bytes += message.bytes.length;
      messages++;
    },
    async keep(giveUp) {
      const all = waiting;
      waiting = [];
      let [archived, there] = [0, 0];
      for (let at = 0; at < all.length; at += LOAD_MAX) {
        const load = all.slice(at, at + LOAD_MAX);
        const counts = await keepLoad(load, giveUp);
        archived += counts.archived;
        there += counts.there;
        messages -= load.length;
        for (const { bytes: content } of load) bytes -= content.length;
      }
      return { archived, there };
    },
    async end() {},
  };
}
