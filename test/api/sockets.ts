import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after } from "node:test";
import type { FastifyInstance } from "fastify";

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer | undefined;
}

/** A server that listens, and ways to speak to it without a client's good manners. */
export interface Door {
  readonly port: number;
  /** A request as it is given, on a connection that is kept. */
  send(sent: Sent): Promise<Answer>;
  /** Bytes on a connection of their own; resolves to all that came until the server closed it. */
  speak(bytes: string | Buffer): Promise<string>;
  /** A connection of its own. */
  open(): Socket;
}

/** Lets an app listen. */
export async function opened(app: FastifyInstance): Promise<Door> {
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  after(() => agent.destroy());
  const open = () => connect({ host: "127.0.0.1", port }).on("error", () => {});
  return {
    port,
    open,
    send: ({ method, path, headers, payload }) =>
      new Promise((resolve, reject) => {
        // node's client gives a body no length where a method has none as a rule.
        const length = payload === undefined ? {} : { "content-length": String(Buffer.byteLength(payload)) };
        const options = { agent, port, host: "127.0.0.1", method, path, headers: { ...headers, ...length } };
        const sending = request(options, (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (text: string) => {
            body += text;
          });
          response.on("error", reject);
          response.on("end", () =>
            resolve({ status: response.statusCode!, headers: response.headers, body }),
          );
        });
        sending.on("error", reject);
        sending.end(payload);
      }),
    speak: (bytes) => spoken(open(), bytes),
  };
}

/** Writes bytes and leaves the connection open. @returns all that came until the other side closed it. */
export function spoken(socket: Socket, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}
