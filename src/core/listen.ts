import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { reasonOf, systemCode, ToolError } from "./errors.ts";

/** Where a server is to be found. */
export interface ListenAt {
  /** An address of this machine, or its name. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
}

/** Listens, and resolves to the port. @throws ToolError (unavailable, permission, usage) when that cannot be. */
export function listen(server: Server, at: ListenAt): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, at)));
    server.listen(at, () => resolve((server.address() as AddressInfo).port));
  });
}

/** `http://HOST:PORT`, an IPv6 address in brackets. */
export const addressOf = ({ host, port }: ListenAt): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** A port of `--port`; 0: the system chooses. @throws ToolError (usage). */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ToolError("usage", `expected a port from 0 to 65535, got ${JSON.stringify(text)}`);
}

/** Why a server cannot listen, as an error the user can act on. */
function listenError(error: unknown, { host, port }: ListenAt): ToolError {
  const code = systemCode(error);
  const facts = { host, port };
  if (code === "EADDRINUSE") {
    const message = `port ${port} of ${host} is in use; end what listens there, or take another with --port (0: the system chooses)`;
    return new ToolError("unavailable", message, { cause: error, facts });
  }
  if (code === "EACCES") {
    const message = `port ${port} may not be used by this user; take one above 1023 with --port`;
    return new ToolError("permission", message, { cause: error, facts });
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const message = `expected an address of this machine in --host, such as 127.0.0.1 or 0.0.0.0, got ${host}`;
    return new ToolError("usage", message, { cause: error, facts });
  }
  return new ToolError("unavailable", `cannot listen at ${host}, port ${port}: ${reasonOf(error)}`, {
    cause: error,
    facts,
  });
}
