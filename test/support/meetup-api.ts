import type { IncomingMessage, ServerResponse } from "node:http";
import { restAnswer } from "../../src/simulate/rest.ts";
import { type Allowance, throttle } from "../../src/simulate/throttle.ts";
import { world } from "../../src/simulate/world.ts";
import { httpServer } from "./http-server.ts";
import { plainWorld } from "./world-lines.ts";

/** One request as the server saw it. */
export interface AskedRequest {
  /** By the clock that was handed in, ms. */
  readonly at: number;
  readonly kind: "members" | "groups";
  readonly ids: readonly number[];
  readonly key: string | null;
  /** What it was answered; 0 when the connection was cut. */
  readonly status: number;
}

/** What is done with a request instead of answering it as the API does; undefined: that. */
export type Instead = (
  request: { readonly number: number; readonly kind: "members" | "groups"; readonly url: URL },
  response: ServerResponse,
) => undefined | "done" | "cut";

/**
 * simulate's answers to `/2/members` and `/2/groups`, and its rate limit, in this process: so that the limit goes by a
 * test's clock, and what was asked for can be looked at.
 */
export async function meetupApi({
  elapsed = () => performance.now(),
  instead = () => undefined,
}: {
  readonly elapsed?: () => number;
  readonly instead?: Instead;
} = {}): Promise<{ readonly url: URL; readonly requests: readonly AskedRequest[] }> {
  const people = world(plainWorld);
  const allowance = throttle();
  const requests: AskedRequest[] = [];
  let number = 0;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const kind = url.pathname === "/2/groups" ? "groups" : "members";
    const parameter = url.searchParams.get(kind === "groups" ? "group_id" : "member_id") ?? "";
    const ids = parameter.split(",").map(Number);
    const key = url.searchParams.get("key");
    const note = (status: number) => requests.push({ at: elapsed(), kind, ids, key, status });
    const outcome = instead({ number: number++, kind, url }, response);
    if (outcome === "cut") {
      note(0);
      return void response.destroy();
    }
    if (outcome === "done") return void note(response.statusCode);
    const { allowed, headers }: Allowance = allowance(key ?? "", elapsed());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const result = restAnswer(people, { method: kind, url, now: plainWorld.start });
    response.statusCode = !allowed ? 429 : "body" in result ? 200 : 400;
    note(response.statusCode);
    response.end(JSON.stringify(allowed && "body" in result ? result.body : { code: "throttled" }));
  }

  const { url } = await httpServer(answer);
  return { url: new URL(url), requests };
}

/** Ids of members that there are, from the first on. */
export const memberIds = (count: number): number[] => Array.from({ length: count }, (_, i) => 8_000_000 + i);

/** The id of the group of this index. */
export const groupId = (index: number): number => 1_000_003 + index * 6007;

/** A message as the stream of RSVPs sends it, of what profiles looks at. */
export const rsvpOf = (member: number, group: number): string =>
  `{"mtime":1,"member":{"member_id":${member}},"group":{"group_id":${group}}}\n`;

/** A message for each member, in fifty groups. */
export const rsvpsOf = (members: readonly number[]): string[] =>
  members.map((id, i) => rsvpOf(id, groupId(i % 50)));

/** The names of the files of documents, sorted. */
export const filesOf = (ids: Iterable<number>): string[] =>
  [...new Set(ids)].map((id) => `m${id}.json`).sort();
