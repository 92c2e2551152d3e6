import { systemCode } from "./errors.ts";

/** What a request that got no answer says of itself, in words that never hold the address: Node's own may. */
export function networkReason(error: unknown): string {
  const code = systemCode(error) ?? (error instanceof Error ? systemCode(error.cause) : undefined);
  return NETWORK_WORDS[code ?? ""] ?? `no answer (${code ?? "unknown cause"})`;
}

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens at its address",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  ENOTFOUND: "its name is unknown to DNS",
  EAI_AGAIN: "DNS does not answer",
  ENETUNREACH: "there is no network",
  EHOSTUNREACH: "there is no way to its host",
  ETIMEDOUT: "no answer in time",
  UND_ERR_CONNECT_TIMEOUT: "no answer in time",
  UND_ERR_HEADERS_TIMEOUT: "no answer in time",
  UND_ERR_BODY_TIMEOUT: "no answer in time",
};
