import { ToolError } from "../core/errors.ts";
import { parseNames } from "../core/lists.ts";
import { shown, type ToolConfig } from "../core/settings.ts";
import { parsePositiveSpan } from "../core/spans.ts";
import type { MessageFilter } from "../records/message.ts";
import { parseTimePath } from "../records/time-path.ts";
import { type DocumentTarget, parseTarget } from "../sinks/documents/target.ts";
import type { BatchLimits } from "../sinks/objects/batch-keeper.ts";
import { type Destination, parseDestination } from "../sinks/objects/destination.ts";
import { parseBatchLimits } from "../sinks/objects/open-archiver.ts";
import { CATALOGUE, PROTOCOLS, parseSource, type Source } from "../sources/catalogue.ts";
import { chosenSource } from "../sources/chosen-source.ts";
import { parseWhere } from "../sources/ingest-options.ts";
import { MEETUP_API, parseApi } from "../sources/meetup-rest/address.ts";
import { parseContact } from "../sources/user-agent.ts";
import { type FieldReader, fieldReader } from "./fields.ts";

/** The fields of a config file's `collect` that are no options. */
export const STRUCTURED = ["streams", "archive", "profiles"] as const;
/** Each has a connection, and a folder in the archive. */
const STREAMS_MAX = 100;
/** Meetup's streams, whose messages name members and groups. */
const MEETUP = "meetup-";

/** One stream that is collected. */
export interface StreamSettings {
  /** What it is called, in the archive too. */
  readonly stream: string;
  readonly source: Source;
  readonly filter: Pick<MessageFilter, "where" | "keys">;
  /** Values at these paths are null before anything is done with a message. */
  readonly redact: readonly string[];
  readonly contact: string | undefined;
  readonly archive: boolean;
  readonly profiles: boolean;
}

export interface ArchiveSettings {
  readonly to: Destination;
  /** undefined: an object for each message. */
  readonly batch: BatchLimits | undefined;
  readonly redact: readonly string[];
  /** In a folder: what happened longer ago is removed, s. */
  readonly keep: number | undefined;
}

export interface ProfilesSettings {
  readonly to: DocumentTarget;
  readonly api: URL;
  readonly redact: readonly string[];
  /** An id is not asked for again for so long, s. */
  readonly refresh: number;
  /** Where ids are kept; undefined: where `profiles` keeps them. */
  readonly state: string | undefined;
}

/** What is collected, and where it goes: one at least of archive and profiles. */
export interface CollectSettings {
  readonly streams: readonly StreamSettings[];
  readonly archive: ArchiveSettings | undefined;
  readonly profiles: ProfilesSettings | undefined;
}

/** Reads what options cannot say. @throws ToolError (configuration) that says where, and what was expected. */
export function readSettings(config: ToolConfig | undefined): CollectSettings {
  const where = config === undefined ? "rsvpulse.config.json: collect" : `${config.path}: collect`;
  const { streams, archive, profiles } = config?.fields ?? {};
  if (archive === undefined && profiles === undefined) {
    throw new ToolError(
      "configuration",
      `${where}: expected archive or profiles, to say where things go, got neither; see rsvpulse.config.example.json`,
    );
  }
  const settings = {
    streams: readStreams(streams, `${where}.streams`),
    archive: archive === undefined ? undefined : readArchive(archive, `${where}.archive`),
    profiles: profiles === undefined ? undefined : readProfiles(profiles, `${where}.profiles`),
  };
  const idle = settings.streams.find(
    (one) => !(one.archive && archive !== undefined) && !(one.profiles && profiles !== undefined),
  );
  if (idle !== undefined) {
    const message = `${where}.streams: ${idle.stream} goes nowhere: neither into the archive nor to profiles`;
    throw new ToolError("configuration", message);
  }
  return settings;
}

function readStreams(value: unknown, where: string): readonly StreamSettings[] {
  if (value === undefined) {
    return CATALOGUE.filter(({ name }) => name.startsWith(MEETUP)).map((source) => streamOf({ source }));
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > STREAMS_MAX) {
    const expected = `expected a list of 1 to ${STREAMS_MAX} streams`;
    throw new ToolError("configuration", `${where}: ${expected}, got ${shown(value)}`);
  }
  const streams = value.map((one, i) => readStream(one, `${where}[${i}]`));
  const names = streams.map(({ stream }) => stream);
  const double = names.find((name, i) => names.indexOf(name) !== i);
  if (double !== undefined) {
    const message = `${where}: two are called ${double}; give one of them another name with "stream"`;
    throw new ToolError("configuration", message);
  }
  return streams;
}

const STREAM_FIELDS = [
  ...["source", "url", "protocol", "stream", "time", "key", "id"],
  ...["where", "keys", "redact", "contact", "archive", "profiles"],
];

function readStream(value: unknown, where: string): StreamSettings {
  const fields = fieldReader(value, where, STREAM_FIELDS);
  if (!fields.has("source") && !(fields.has("url") && fields.has("time"))) {
    throw new ToolError("configuration", `${where}: expected a source, or url and time, got neither`);
  }
  return streamOf({
    source: sourceOf(fields),
    stream: fields.string("stream", parseName) ?? (fields.has("source") ? undefined : hostOf(fields)),
    filter: {
      where:
        fields.strings<MessageFilter["where"]>("where", (text, before) => parseWhere(text, before ?? [])) ??
        [],
      keys: fields.strings<readonly string[]>("keys", parseNames),
    },
    redact: namesIn(fields, "redact"),
    contact: fields.string("contact", parseContact),
    archive: fields.flag("archive"),
    // One's own stream has the paths of a source, and none of its people.
    profiles: fields.flag("profiles") ?? (fields.has("source") ? undefined : false),
  });
}

function sourceOf(fields: FieldReader): Source {
  try {
    return chosenSource({
      source: fields.string("source", parseSource) ?? CATALOGUE[0],
      url: fields.string("url", (text) => text),
      protocol: fields.string("protocol", parseProtocol),
      time: fields.string("time", parseTimePath),
      key: fields.string("key", parseName),
      id: fields.string("id", parseName),
    });
  } catch (error) {
    if (!(error instanceof ToolError) || error.kind !== "usage") throw error;
    // Said of options, which have the same names.
    const message = error.message.replaceAll("--", "");
    throw new ToolError("configuration", `${fields.where}: ${message}`, { cause: error });
  }
}

type StreamWords = { readonly [Name in keyof StreamSettings]?: StreamSettings[Name] | undefined };

const streamOf = (words: StreamWords & Pick<StreamSettings, "source">): StreamSettings => ({
  source: words.source,
  stream: words.stream ?? words.source.name,
  filter: words.filter ?? { where: [] },
  redact: words.redact ?? [],
  contact: words.contact,
  archive: words.archive ?? true,
  profiles: words.profiles ?? words.source.name.startsWith(MEETUP),
});

/** What a stream without a source of the catalogue is called, when nobody says. */
const hostOf = (fields: FieldReader) => fields.string("url", (text) => new URL(text).hostname);

function readArchive(value: unknown, where: string): ArchiveSettings {
  const fields = fieldReader(value, where, ["to", "batch", "redact", "keep"]);
  const to = fields.string("to", parseDestination);
  if (to === undefined) throw expected(`${where}.to`, "a folder or gs://BUCKET, got none");
  const keep = fields.string("keep", parsePositiveSpan);
  if (keep !== undefined && to.kind === "bucket") {
    throw expected(`${where}.keep`, "none with a bucket, which has lifecycle rules for that");
  }
  return { to, batch: fields.string("batch", parseBatchLimits), redact: namesIn(fields, "redact"), keep };
}

/** How long an id is not asked for again, s. */
const REFRESH = 86_400;

function readProfiles(value: unknown, where: string): ProfilesSettings {
  const fields = fieldReader(value, where, ["to", "api", "redact", "refresh", "state"]);
  const to = fields.string("to", parseTarget);
  if (to === undefined) throw expected(`${where}.to`, "a folder or firestore://COLLECTION, got none");
  return {
    to,
    api: fields.string("api", parseApi) ?? new URL(MEETUP_API),
    redact: namesIn(fields, "redact"),
    refresh: fields.string("refresh", parsePositiveSpan) ?? REFRESH,
    state: fields.string("state", parseName),
  };
}

const namesIn = (fields: FieldReader, name: string) =>
  fields.strings<readonly string[]>(name, parseNames) ?? [];

const expected = (where: string, words: string) =>
  new ToolError("configuration", `${where}: expected ${words}`);

function parseName(text: string): string {
  if (text.trim() !== "") return text;
  throw new ToolError("usage", "expected a name, got an empty text");
}

function parseProtocol(text: string) {
  const known = PROTOCOLS.find((protocol) => protocol === text);
  if (known !== undefined) return known;
  throw new ToolError("usage", `expected ${PROTOCOLS.join(" or ")}, got ${JSON.stringify(text)}`);
}
