import { plainText } from "../core/plain-text.ts";
import type { Example } from "./alert.ts";
import { exampleOf, type ShownEvent } from "./shown-event.ts";

/** Longest sample as JSON, bytes. */
const SAMPLE_BYTES_MAX = 1024;
/** A longer key is no category but some text: it is cut, characters. */
const KEY_CHARS_MAX = 256;
/** Samples that are kept of a record. */
const DECODED_MAX = 16;
/** What stands around the values of a sample, and a little more, bytes. */
const FRAME_BYTES = 64;
/** The most bytes that a UTF-16 unit takes in JSON: a control character is `\u0007`. */
const UNIT_BYTES_MAX = 6;

/** An event of the seconds that a record is about, as a person is shown it. */
export interface SampleEvent extends Example {
  /** The category that it counts under; where it has none, its key, or null. */
  readonly key: string | null;
}

/**
 * An event as a sample; undefined where its message has neither words nor a link, or was not looked at. A sample has at most 1 KB of JSON:
 * one that is longer loses its link, then its id, and is none if it is still too long.
 */
export function sampleOf(shown: ShownEvent | undefined, key: string | null): SampleEvent | undefined {
  if (shown?.words === undefined && shown?.url === undefined) return undefined;
  const name = key !== null && key.length > KEY_CHARS_MAX ? plainText(key, KEY_CHARS_MAX) : key;
  return fitted({ key: name, ...exampleOf(shown, name) });
}

/** The samples of a record, as they came in; what is none is left out, and so is what comes after the sixteenth. */
export function decodeSamples(value: unknown): SampleEvent[] {
  const samples: SampleEvent[] = [];
  if (!Array.isArray(value)) return samples;
  for (const item of value) {
    const sample = decodeSample(item);
    if (sample !== undefined) samples.push(sample);
    if (samples.length === DECODED_MAX) break;
  }
  return samples;
}

function decodeSample(item: unknown): SampleEvent | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { key = null, id = null, text, url = null } = item as Partial<Record<keyof SampleEvent, unknown>>;
  if (typeof text !== "string" || !isName(key) || !isName(id) || !isName(url)) return undefined;
  return fitted({ key, id, text, url });
}

const isName = (value: unknown): value is string | null => value === null || typeof value === "string";

function fitted(sample: SampleEvent): SampleEvent | undefined {
  if (fits(sample)) return sample;
  const unlinked = { ...sample, url: null };
  if (fits(unlinked)) return unlinked;
  const nameless = { ...unlinked, id: null };
  return fits(nameless) ? nameless : undefined;
}

function fits(sample: SampleEvent): boolean {
  const { key, id, text, url } = sample;
  const units = (key?.length ?? 0) + (id?.length ?? 0) + text.length + (url?.length ?? 0);
  // Most are so short that they fit, whatever they hold; the rest are written out, unless they are far too long.
  if (FRAME_BYTES + units * UNIT_BYTES_MAX <= SAMPLE_BYTES_MAX) return true;
  return units <= SAMPLE_BYTES_MAX && Buffer.byteLength(JSON.stringify(sample)) <= SAMPLE_BYTES_MAX;
}

export const sampleEventExample: SampleEvent = {
  key: "CA",
  id: "1658733801",
  text: "Sunday hike to the lighthouse",
  url: "https://www.meetup.com/hikers/events/238486635/",
};
