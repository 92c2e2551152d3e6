import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { after } from "node:test";
import { scratchFolder } from "./scratch.ts";
import { until } from "./until.ts";

/** A private redis-server on a socket of its own, that outlives nothing. */
export interface RedisServer {
  readonly url: string;
  /** Starts it (again) and waits until it answers. */
  start(): Promise<void>;
  /** Ends it in order: it saves what it has. */
  stop(): Promise<void>;
  /** SIGKILL: what it has not written is lost. */
  crash(): Promise<void>;
  /** Makes it hang, and go on. */
  pause(): void;
  resume(): void;
  /** One command, its reply as it came. */
  command(...words: readonly string[]): Promise<string>;
}

/** Starts one that appends every write to its file, so that a restart forgets nothing. */
export async function redisServer(extra: readonly string[] = []): Promise<RedisServer> {
  const folder = scratchFolder();
  const socket = `${folder}/redis.sock`;
  mkdirSync(`${folder}/data`);
  const persistence = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  let child: ChildProcess | undefined;

  function signal(name: NodeJS.Signals): void {
    child?.kill(name);
  }
  async function end(name: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill("SIGCONT");
    ending.kill(name);
    await ended;
  }
  const stop = () => end("SIGTERM");
  const command = (...words: readonly string[]) => ask(socket, words);
  const server: RedisServer = {
    url: `unix://${socket}`,
    command,
    stop,
    crash: () => end("SIGKILL"),
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    async start() {
      const place = ["--port", "0", "--unixsocket", socket, "--dir", `${folder}/data`];
      child = spawn("redis-server", [...place, ...persistence, ...extra], { stdio: "ignore" });
      await until("redis-server answers", async () =>
        (await command("PING").catch(() => "")).startsWith("+PONG"),
      );
    },
  };
  after(stop);
  await server.start();
  return server;
}

/** One command and QUIT in Redis' protocol (RESP2); all that came until the server closed. */
function ask(path: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let reply = "";
    socket
      .setEncoding("utf8")
      .setTimeout(5000, () => socket.destroy(new Error("no answer from redis-server")));
    socket.on("data", (text: string) => {
      reply += text;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(reply));
    for (const part of [words, ["QUIT"]]) {
      socket.write(
        `*${part.length}\r\n${part.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`,
      );
    }
  });
}
