import { type Clock, timerMs } from "../../core/clock.ts";
import { networkReason } from "../../core/network-reason.ts";
import { Passing } from "../../core/retry.ts";
import { waitAsked } from "../../core/retry-after.ts";
import { formatSpan } from "../../core/spans.ts";
import type { ProfileKind } from "../../profiles/kinds.ts";
import type { Profile, ProfileSource } from "../../profiles/profile-source.ts";
import { type AllowanceMemory, requestAllowance } from "../../profiles/request-allowance.ts";
import { userAgent } from "../user-agent.ts";
import { answerReader } from "./answer.ts";
import { refusal } from "./refusal.ts";

/** Ids in one request: the API gives no more results on a page. */
const IDS_MAX = 200;
/** Most pages of one request; the API needs one. */
const PAGES_MAX = 20;
/** Longest that a request may take, and that a connection may, ms. */
const REQUEST_MS_MAX = 30_000;
const CONNECT_MS_MAX = 4000;
/** Longest answer, bytes: two hundred groups with long descriptions are a tenth of it. */
const ANSWER_BYTES_MAX = 64 << 20;

const ID_PARAMETERS: Readonly<Record<ProfileKind, string>> = { members: "member_id", groups: "group_id" };

export interface MeetupRestOptions {
  readonly api: URL;
  readonly key: string | undefined;
  /** Paths in members and groups whose values are replaced by null. */
  readonly redact: readonly string[];
  readonly clock: Clock;
  /** Where the state of the rate limit outlives the process. */
  readonly allowance?: AllowanceMemory | undefined;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/**
 * Meetup's `/2/members?member_id=1,2,…` and `/2/groups?group_id=…`, one request at a time, within what `X-RateLimit-…`
 * allows. Redirections are not followed, nor `meta.next`: the key would go where they lead.
 */
export async function meetupRest(options: MeetupRestOptions): Promise<ProfileSource> {
  const { Agent, request } = await import("undici");
  const { api, key, redact, clock } = options;
  const dispatcher = new Agent({
    connect: { timeout: CONNECT_MS_MAX },
    headersTimeout: REQUEST_MS_MAX,
    bodyTimeout: REQUEST_MS_MAX,
  });
  const name = `Meetup's API at ${api.host}`;
  const allowance = requestAllowance(clock, options.allowance);
  const read = answerReader({ key, redact });
  const underWay = new Set<AbortController>();
  /** Settles when the request before is done: the next one must know what its answer told. */
  let last: Promise<unknown> = Promise.resolve();

  function addressOf(kind: ProfileKind, ids: readonly number[], page: number): URL {
    const url = new URL(api);
    url.pathname = `${api.pathname.replace(/\/$/, "")}/2/${kind}`;
    url.searchParams.set("page", String(IDS_MAX));
    url.searchParams.set("offset", String(page));
    if (key !== undefined) url.searchParams.set("key", key);
    // Commas stay as they are: encoded, two hundred ids make an address half as long again.
    return new URL(`${url.href}&${ID_PARAMETERS[kind]}=${ids.join(",")}`);
  }

  async function send(url: URL): Promise<Reply> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timerMs(REQUEST_MS_MAX));
    underWay.add(abort);
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        headers: { accept: "application/json", "user-agent": userAgent(undefined) },
        signal: abort.signal,
      });
      return { status: statusCode, headers, text: await textOf(body) };
    } catch (error) {
      if (error instanceof Passing) throw error;
      const reason = abort.signal.aborted ? "no answer in time" : networkReason(error);
      throw new Passing(reason, { answered: false, cause: error });
    } finally {
      clearTimeout(timer);
      underWay.delete(abort);
    }
  }

  /** One request, when the limit has room for it. */
  async function ask(url: URL, signal: AbortSignal): Promise<Reply> {
    for (let wait = allowance.wait(); wait > 0; wait = allowance.wait()) {
      await clock.sleep(wait, signal);
      if (!signal.aborted) continue;
      throw new Passing("its limit is used up", { wait: allowance.wait(), status: 429 });
    }
    allowance.spend();
    const reply = await send(url);
    const told = {
      remaining: numberIn(reply.headers, "x-ratelimit-remaining"),
      reset: numberIn(reply.headers, "x-ratelimit-reset"),
    };
    allowance.told(told);
    if (reply.status === 200) return reply;
    throw refusal(reply.status, {
      api,
      // A limit that was overrun, by another program with this key, is over at its reset.
      wait: Math.max(
        waitAsked(single(reply.headers, "retry-after"), clock.now()),
        reply.status === 429 ? ((told.reset ?? -1) + 1) * 1000 : 0,
      ),
    });
  }

  async function fetchAll(
    kind: ProfileKind,
    ids: readonly number[],
    signal: AbortSignal,
  ): Promise<Profile[]> {
    const asked = new Set(ids);
    const found = new Map<number, Profile>();
    for (let page = 0; page < PAGES_MAX; page++) {
      const reply = await ask(addressOf(kind, ids, page), signal);
      const { profiles, hasMore } = read(reply.text);
      for (const profile of profiles) if (asked.has(profile.id)) found.set(profile.id, profile);
      if (!hasMore || profiles.length === 0 || found.size === asked.size) break;
    }
    return [...found.values()];
  }

  return {
    name,
    idsMax: IDS_MAX,
    fetch(kind, ids, signal) {
      const turn = last.then(() => fetchAll(kind, ids, signal));
      last = turn.catch(() => {});
      return turn;
    },
    abort() {
      for (const controller of underWay) controller.abort();
    },
    standing() {
      const left = allowance.left();
      if (left === undefined) return "no limit told";
      const rest = formatSpan(Math.max(0, Math.ceil((left.until - clock.now()) / 1000)));
      return `${left.remaining} ${left.remaining === 1 ? "request" : "requests"} left for ${rest}`;
    },
    close: () => dispatcher.destroy(),
  };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) throw new Passing("its answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function single(headers: Reply["headers"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A header that is a number, 0 or more; undefined for none. */
function numberIn(headers: Reply["headers"], name: string): number | undefined {
  const text = single(headers, name)?.trim() ?? "";
  return /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
