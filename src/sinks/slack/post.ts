import type { IncomingHttpHeaders } from "node:http";
import { timerMs } from "../../core/clock.ts";
import { reasonOf } from "../../core/errors.ts";
import { networkReason } from "../../core/network-reason.ts";
import type { Payload } from "./blocks.ts";
import type { Answer } from "./verdict.ts";

/** How much of a reply is read, bytes: Slack's are a word. */
const REPLY_BYTES_MAX = 4096;

export interface Poster {
  /** Posts once. @throws NetworkError when no answer came. */
  post(payload: Payload): Promise<Answer>;
  /** Gives up a post that is under way. */
  abort(): void;
  close(): Promise<void>;
}

/** No answer came. The message holds no address. */
export class NetworkError extends Error {}

/**
 * Posts to a webhook; one connection a post, for a kept one may be half closed and leave it open whether Slack took
 * what was sent. Redirections are not followed: whoever answers them would learn the messages.
 * @param timeout most a post may take from its start to the end of the reply, ms.
 */
export async function webhookPoster(url: URL, timeout: number): Promise<Poster> {
  const { Agent, request } = await import("undici");
  const limit = timerMs(timeout);
  const dispatcher = new Agent({
    pipelining: 0,
    connect: { timeout: limit },
    headersTimeout: limit,
    bodyTimeout: limit,
  });
  let underWay: AbortController | undefined;

  return {
    async post(payload) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(new NetworkError("no answer in time")), limit);
      underWay = abort;
      try {
        const { statusCode, headers, body } = await request(url, {
          dispatcher,
          method: "POST",
          headers: { "content-type": "application/json; charset=utf-8" },
          body: JSON.stringify(payload),
          signal: abort.signal,
        });
        return {
          status: statusCode,
          retryAfter: single(headers, "retry-after"),
          body: await beginning(body),
        };
      } catch (error) {
        throw new NetworkError(postReason(error), { cause: error });
      } finally {
        clearTimeout(timer);
        underWay = undefined;
      }
    },
    abort: () => underWay?.abort(new NetworkError("given up")),
    close: () => dispatcher.destroy(),
  };
}

/** How a reply begins. The status has said what counts: a reply that breaks off is as good as an empty one. */
async function beginning(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= REPLY_BYTES_MAX) break;
    }
  } catch {
    // As above.
  }
  return Buffer.concat(chunks).toString("utf8", 0, REPLY_BYTES_MAX);
}

function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** What a failed attempt says of itself. */
const postReason = (error: unknown): string =>
  error instanceof NetworkError ? reasonOf(error) : networkReason(error);
