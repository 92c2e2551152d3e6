import { systemClock } from "../core/clock.ts";
import { environmentVariable } from "../core/environment.ts";
import { type ErrorKind, reasonOf, ToolError } from "../core/errors.ts";
import { inTurns } from "../core/in-turns.ts";
import type { Log } from "../core/log.ts";
import { retried } from "../core/retry.ts";
import { formatSpan } from "../core/spans.ts";
import { openDocuments } from "../sinks/documents/target.ts";
import { openObjects } from "../sinks/objects/destination.ts";
import { shownAddress } from "../sources/address.ts";
import { stayConnected } from "../sources/connection.ts";
import { checkedKey } from "../sources/meetup-rest/address.ts";
import { meetupRest } from "../sources/meetup-rest/client.ts";
import { SPEECH } from "../sources/protocols.ts";
import { unreachable } from "../sources/unreachable.ts";
import { userAgent } from "../sources/user-agent.ts";
import type { ArchiveSettings, CollectSettings, ProfilesSettings, StreamSettings } from "./config.ts";

/** How long one thing is tried, and the first bytes of a source that answered are waited for, ms. */
const REACH_MS_MAX = 4000;
const FIRST_BYTES_MS_MAX = 3000;
/** Sources that are asked at a time. */
const SOURCES_MAX = 8;
/** Anybody, to see whether the API answers. */
const SOMEBODY = 1;
/** What several failures end the process with: the one a person must mend first. */
const GRAVEST: readonly ErrorKind[] = ["configuration", "permission", "unavailable"];

export interface CheckOptions {
  readonly settings: CollectSettings;
  /** Says what is known of Slack. @throws ToolError where it is asked for and not set. */
  readonly slack: () => string;
  readonly log: Log;
  readonly stop: AbortSignal;
  /** Takes a line for a person. */
  readonly line: (text: string) => void;
}

/**
 * Tries everything that a run needs, and leaves nothing: a line for each, beginning with `ok` or with `BAD`.
 * @throws ToolError of the gravest kind when something is bad.
 */
export async function checkAll({ settings, slack, log, stop, line }: CheckOptions): Promise<void> {
  const failures: unknown[] = [];
  const tryOne = async (what: string, work: () => Promise<string> | string) => {
    try {
      line(`ok   ${what}: ${await work()}`);
    } catch (error) {
      failures.push(error);
      line(`BAD  ${what}: ${reasonOf(error)}`);
    }
  };
  const { archive, profiles, streams } = settings;
  line(`ok   config: ${streams.length} ${streams.length === 1 ? "stream" : "streams"}`);
  if (archive !== undefined) await tryOne("archive", () => checkArchive(archive, log));
  if (profiles !== undefined) {
    await tryOne("documents", () => checkDocuments(profiles));
    await tryOne("profiles", () => checkApi(profiles));
  }
  await inTurns(streams, SOURCES_MAX, (one) => tryOne(one.stream, () => checkSource(one, stop)));
  await tryOne("slack", slack);
  if (failures.length === 0) return;
  const known = GRAVEST.find((kind) => failures.some((one) => one instanceof ToolError && one.kind === kind));
  const other = failures.find((one) => one instanceof ToolError);
  const kind = known ?? (other instanceof ToolError ? other.kind : "defect");
  throw new ToolError(
    kind,
    `${failures.length} of what a run needs ${failures.length === 1 ? "is" : "are"} bad`,
  );
}

async function checkArchive({ to }: ArchiveSettings, log: Log): Promise<string> {
  const store = await openObjects(to, log);
  await store.check(AbortSignal.timeout(REACH_MS_MAX));
  return `${store.shown} takes messages`;
}

async function checkDocuments({ to }: ProfilesSettings): Promise<string> {
  const store = await openDocuments(to);
  try {
    await trying(`${store.name}`, () => store.check());
    return `${store.name} takes documents`;
  } finally {
    await store.close().catch(() => {});
  }
}

async function checkApi({ api, redact }: ProfilesSettings): Promise<string> {
  const key = checkedKey(environmentVariable("MEETUP_API_KEY"), api);
  const source = await meetupRest({ api, key, redact, clock: systemClock });
  try {
    await trying(source.name, (signal) => source.fetch("members", [SOMEBODY], signal));
    return `${source.name} answers`;
  } finally {
    await source.close();
  }
}

/** What may pass is tried again for a while. @throws ToolError (unavailable) after that. */
async function trying<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(REACH_MS_MAX);
  const patience = { clock: systemClock, random: Math.random, first: 500, max: 2000, signal };
  try {
    return await retried(() => work(signal), patience);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError("unavailable", `${name}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Connects, and waits for a moment for what comes first. @throws ToolError (unavailable, permission). */
async function checkSource({ source, contact }: StreamSettings, stop: AbortSignal): Promise<string> {
  const enough = new AbortController();
  const begun = systemClock.elapsed();
  let connectedAt: number | undefined;
  let first: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const request = { address: source.url, headers: { "user-agent": userAgent(contact) } };
  await stayConnected({
    open: (signal) => SPEECH[source.protocol].open(request, signal),
    handlers: {
      connected() {
        connectedAt ??= systemClock.elapsed() - begun;
        timer ??= setTimeout(() => enough.abort(), FIRST_BYTES_MS_MAX);
      },
      chunk() {
        first ??= systemClock.elapsed() - begun;
        enough.abort();
        return undefined;
      },
      disconnected: () => enough.abort(),
      ended: () => {},
    },
    stop: AbortSignal.any([stop, enough.signal]),
    stall: REACH_MS_MAX / 1000,
    clock: systemClock,
    random: Math.random,
    unreachable: (reason, status) => unreachable(source, { reason, status, contact: contact !== undefined }),
  });
  clearTimeout(timer);
  const shown = shownAddress(source.url);
  if (first !== undefined) return `${shown}: first bytes after ${formatSpan(first / 1000)}`;
  return connectedAt === undefined ? `${shown}: not tried` : `${shown}: connected; nothing came yet`;
}
