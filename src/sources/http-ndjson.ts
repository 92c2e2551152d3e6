import type { Agent } from "undici";
import { systemCode } from "../core/errors.ts";
import { waitAsked } from "../core/retry-after.ts";
import { VERSION } from "../core/version.ts";
import { type Connection, Refusal } from "./connection.ts";

const REDIRECTS_MAX = 5;

/**
 * Opens an endless answer of lines over HTTP.
 *
 * Redirects are followed. @throws Refusal for any other status than 200.
 */
export async function openNdjson(address: string, signal: AbortSignal): Promise<Connection> {
  const { Agent, request } = await import("undici");
  // No limit on the wait for the next bytes: whoever reads the stream has a stall timer of his own.
  const dispatcher: Agent = new Agent({ bodyTimeout: 0, headersTimeout: 0, pipelining: 0 });
  let url = address;
  try {
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const answer = await request(url, {
        dispatcher,
        signal,
        headers: { accept: "application/json", "user-agent": `rsvpulse/${VERSION}` },
      });
      if (answer.statusCode === 200) return { chunks: closing(answer.body, dispatcher) };
      const { location, "retry-after": retryAfter } = answer.headers;
      // Its words are not waited for, nor read: they may never end.
      answer.body.on("error", () => {}).destroy();
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

const single = (header: string | string[] | undefined) => (typeof header === "string" ? header : undefined);
