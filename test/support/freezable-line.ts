import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after } from "node:test";

/** A way to a port of this machine on which connections can go dead. */
export interface FreezableLine {
  readonly port: number;
  /** Connections that are there carry nothing any more, and stay open; new ones do. */
  freeze(): void;
}

/** Opens a line to a port. Closed after the tests. */
export async function freezableLine(to: number): Promise<FreezableLine> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    pairs.add([near, far]);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  after(() => {
    server.close();
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  });
  return {
    port,
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
      }
    },
  };
}
