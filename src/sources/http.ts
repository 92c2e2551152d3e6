import type { Agent } from "undici";
import { systemCode } from "../core/errors.ts";
import { waitAsked } from "../core/retry-after.ts";
import { type Connection, Refusal } from "./connection.ts";

const REDIRECTS_MAX = 5;
/** Longest part of a foreign header that a message shows, characters. */
const SHOWN_CHARS_MAX = 60;

/** What a stream is asked for. */
export interface StreamRequest {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface HttpOptions {
  readonly signal: AbortSignal;
  readonly contentType?: string;
  readonly refuses?: { readonly type: string; readonly reason: string };
}

/**
 * Opens an endless answer over HTTP. `contentType`: what it has to be; `refuses`: what it must not be, and why.
 *
 * Redirects are followed. @throws Refusal for any other status than 200, and for an answer of another type.
 */
export async function openHttp(
  { address, headers }: StreamRequest,
  { signal, contentType, refuses }: HttpOptions,
): Promise<Connection> {
  const { Agent, request } = await import("undici");
  // No limit on the wait for the next bytes: whoever reads the stream has a stall timer of his own.
  const dispatcher: Agent = new Agent({ bodyTimeout: 0, headersTimeout: 0, pipelining: 0 });
  let url = address;
  try {
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const answer = await request(url, { dispatcher, signal, headers });
      const { location, "retry-after": retryAfter, "content-type": type } = answer.headers;
      const given = mediaType(single(type));
      const isRefused = refuses !== undefined && given === refuses.type;
      const fits = !isRefused && (contentType === undefined || given === contentType);
      if (answer.statusCode === 200 && fits) return { chunks: closing(answer.body, dispatcher) };
      // Its words are not waited for, nor read: they may never end.
      answer.body.on("error", () => {}).destroy();
      if (answer.statusCode === 200) {
        throw new Refusal(200, 0, isRefused ? refuses.reason : wrongType(contentType!, single(type)));
      }
      if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== "string") {
        throw new Refusal(answer.statusCode, waitAsked(single(retryAfter), Date.now()));
      }
      url = new URL(location, url).href;
    }
    throw new Error(`more than ${REDIRECTS_MAX} redirects`);
  } catch (error) {
    await dispatcher.destroy();
    throw error;
  }
}

async function* closing(body: AsyncIterable<Buffer>, dispatcher: Agent): AsyncIterable<Buffer> {
  try {
    yield* body;
  } catch (error) {
    const words = breakWords(error);
    throw words === undefined ? error : new Error(words, { cause: error });
  } finally {
    await dispatcher.destroy();
  }
}

/** What became of an answer that had begun, for a person; undici's own words speak of its parser. */
function breakWords(error: unknown): string | undefined {
  const code = systemCode(error);
  if (code === "UND_ERR_SOCKET") return "the server closed the connection";
  if (code === "ECONNRESET") return "the server reset the connection";
  const parser = error instanceof Error && error.name === "HTTPParserError";
  // undici sets no code for this one.
  return parser && error.message.includes("Invalid EOF state") ? "the connection broke off" : undefined;
}

const mediaType = (header: string | undefined) => header?.split(";", 1)[0]?.trim().toLowerCase();

function wrongType(expected: string, header: string | undefined): string {
  const got = header?.replace(/[^\x20-\x7e]/g, "·").slice(0, SHOWN_CHARS_MAX) ?? "none";
  return `expected an answer of type ${expected}, got ${got}`;
}

const single = (header: string | string[] | undefined) => (typeof header === "string" ? header : undefined);
