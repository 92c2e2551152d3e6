import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** Requests of one connection that may wait for their answers at once: browsers have one, clients that pipeline a few. */
const WAITING_MAX = 100;

/**
 * Cuts connections that ask faster than they take answers, which would pile up here. Holds the answers of each connection
 * that are not taken yet.
 */
export class Crowd {
  readonly #waiting = new WeakMap<Socket, Set<ServerResponse>>();

  /** An answer is half written on this connection. */
  isAnswering(socket: Socket): boolean {
    return [...(this.#waiting.get(socket) ?? [])].some(({ headersSent }) => headersSent);
  }

  watch(app: FastifyInstance): void {
    app.addHook("onRequest", ({ socket }, reply, done) => {
      let waiting = this.#waiting.get(socket);
      if (waiting === undefined) {
        waiting = new Set();
        this.#waiting.set(socket, waiting);
      }
      if (waiting.size >= WAITING_MAX) {
        reply.hijack();
        socket.destroy();
        return;
      }
      const { raw } = reply;
      waiting.add(raw);
      raw.once("close", () => waiting.delete(raw));
      done();
    });
  }
}
