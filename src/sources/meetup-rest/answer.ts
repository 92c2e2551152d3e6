import { type JsonObject, parseObject } from "../../core/json-object.ts";
import { Passing } from "../../core/retry.ts";
import type { Profile } from "../../profiles/profile-source.ts";
import { redactor } from "../../records/redact.ts";

/** One page of an answer. */
export interface AnswerPage {
  readonly profiles: readonly Profile[];
  /** There is another page. */
  readonly hasMore: boolean;
}

/** A shorter key would be found in texts that have nothing to do with it. */
const KEY_CHARS_MIN = 8;
const REDACTED = "REDACTED";

/**
 * Reads answers: what they say of members or groups, without what they say of the request, which echoes the key.
 *
 * Values at the paths to `redact` are null; so is nothing else, but the key, which no text in it holds any more.
 */
export function answerReader({
  key,
  redact,
}: {
  readonly key: string | undefined;
  readonly redact: readonly string[];
}): (text: string) => AnswerPage {
  const cut = redact.length === 0 ? undefined : redactor(redact);
  const clean = keyCleaner(key);

  function fieldsOf(result: JsonObject): JsonObject {
    const fields = clean === undefined ? result : (withTexts(result, clean) as JsonObject);
    if (cut === undefined) return fields;
    const bytes = Buffer.from(JSON.stringify(fields));
    return JSON.parse((cut(bytes) ?? bytes).toString("utf8")) as JsonObject;
  }

  /** @throws Passing for what is no answer of the API: a proxy's page, an answer that was cut off. */
  return (text) => {
    const body = parseObject(text);
    if (typeof body === "string" || !Array.isArray(body["results"])) {
      throw new Passing("it answers something else than the API does");
    }
    const { next } = (body["meta"] ?? {}) as { readonly next?: unknown };
    const results: readonly unknown[] = body["results"];
    return {
      profiles: results.flatMap((result) => {
        const { id } = (result ?? {}) as { readonly id?: unknown };
        return Number.isSafeInteger(id) ? [{ id: id as number, fields: fieldsOf(result as JsonObject) }] : [];
      }),
      hasMore: typeof next === "string" && next !== "",
    };
  };
}

/** Takes the key out of a text: wherever it stands as a word, and whatever a query calls `key`. */
function keyCleaner(key: string | undefined): ((text: string) => string) | undefined {
  if (key === undefined) return undefined;
  const forms = [...new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])];
  const isTelling = key.length >= KEY_CHARS_MIN;
  return (text) => {
    let cleaned = text;
    for (const form of forms) {
      cleaned = cleaned.replaceAll(`key=${form}`, `key=${REDACTED}`);
      if (isTelling) cleaned = cleaned.replaceAll(form, REDACTED);
    }
    return cleaned;
  };
}

/** A value of JSON with another text in place of each: of strings and of names. Numbers are none, whatever their digits. */
function withTexts(value: unknown, textOf: (text: string) => string): unknown {
  if (typeof value === "string") return textOf(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withTexts(item, textOf));
  const fields = Object.entries(value).map(([name, field]) => [textOf(name), withTexts(field, textOf)]);
  return Object.fromEntries(fields);
}
