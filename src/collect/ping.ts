import { timerMs } from "../core/clock.ts";
import { ToolError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { networkReason } from "../core/network-reason.ts";
import { userAgent } from "../sources/user-agent.ts";

/** Longest that a ping may take, ms. */
const PING_MS_MAX = 10_000;

/** The address of a dead man's switch. @throws ToolError (usage). */
export function parsePing(text: string): URL {
  // The address is not repeated: whoever has it can ping.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw new ToolError("usage", "expected an address of http or https, such as https://hc-ping.com/…");
}

/** A dead man's switch: somebody who is told that all is well, and raises the alarm when nobody tells. */
export interface Pinger {
  /** Asks once. Never throws: what fails is told, the first time in a row. */
  ping(signal: AbortSignal): Promise<void>;
}

export function pinger(url: URL, log: Log): Pinger {
  const name = `--ping at ${url.host}`;
  let isAway = false;

  function tell(reason: string | undefined): void {
    if (reason !== undefined && !isAway) log.warning(`${name}: ${reason}`, { reason });
    if (reason === undefined && isAway) log.notice(`${name}: answers again`);
    isAway = reason !== undefined;
  }

  return {
    async ping(signal) {
      const { request } = await import("undici");
      const late = AbortSignal.timeout(timerMs(PING_MS_MAX));
      try {
        const { statusCode, body } = await request(url, {
          headers: { "user-agent": userAgent(undefined) },
          signal: AbortSignal.any([signal, late]),
        });
        body.on("error", () => {}).destroy();
        tell(statusCode >= 200 && statusCode < 300 ? undefined : `it answers ${statusCode}`);
      } catch (error) {
        if (!signal.aborted) tell(late.aborted ? "no answer in time" : networkReason(error));
      }
    },
  };
}
