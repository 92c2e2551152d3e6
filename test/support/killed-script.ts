import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../../src/simulate/random.ts";
import type { Speech } from "./numbered-channels.ts";
import type { NumberedSource } from "./numbered-source.ts";
import { logRecords, pidOf, startScript } from "./pipeline.ts";
import type { RunningTool } from "./run-tool.ts";
import { scratchFolder } from "./scratch.ts";
import { type Demand, differences, type StoredCounts, storedCounts } from "./stored-counts.ts";
import { until } from "./until.ts";

/** The processes of ingest.sh, in the order in which they are killed. */
export const VICTIMS = [
  ...["ingest", "tee", "diff", "redis-insert", "insert-distribution", "unusualness", "slack-push"],
  "ingest.sh",
] as const;
export type Victim = (typeof VICTIMS)[number];

export const SOURCE_NAMES: Readonly<Record<Speech, string>> = {
  ndjson: "meetup-rsvps",
  sse: "wikimedia-recentchange",
  ws: "bluesky-jetstream",
};

/** How long what was stored is looked at for more to come, ms. */
const QUIET_MS = 1000;
/** Until a script that was started anew has caught up, s. */
const CATCH_UP_SECONDS = 30;

/** What is done to what is left of a pipeline of which a process was killed. */
export type Ending = "SIGTERM" | "SIGKILL" | "left";

export interface KilledScriptOptions {
  readonly source: NumberedSource;
  readonly speech: Speech;
  /** The address of a Redis. */
  readonly redis: string;
  readonly seed: string;
}

/** Runs of scripts/ingest.sh on one stream, one after the other, whose processes are killed. */
export class KilledScript {
  readonly stored: StoredCounts;
  readonly #options: KilledScriptOptions;
  readonly #random: Random;
  readonly #folder = scratchFolder();
  readonly #runs: RunningTool[] = [];
  readonly #log: string[] = [];
  #kills = 0;

  constructor(options: KilledScriptOptions) {
    this.#options = options;
    this.#random = new Random("kills", options.seed, options.speech);
    this.stored = storedCounts(options.redis, SOURCE_NAMES[options.speech]);
  }

  get kills(): number {
    return this.#kills;
  }

  /** The run that was started last. */
  get script(): RunningTool {
    return this.#runs.at(-1)!;
  }

  /** Log records of all runs so far. */
  get records(): readonly Record<string, unknown>[] {
    return this.#runs.flatMap((run) => logRecords(run.err()));
  }

  start(): void {
    const { source, speech, redis } = this.#options;
    const words = ["--dry-run", "--source", SOURCE_NAMES[speech], "--url", source.url[speech]];
    const env = {
      REDIS_URL: redis,
      RSVPULSE_TTL: "1h",
      RSVPULSE_LATENESS: "1s",
      XDG_STATE_HOME: this.#folder,
      TMPDIR: this.#folder,
    };
    this.#runs.push(startScript("ingest.sh", words, env));
    this.note("started");
  }

  /** Starts it, and waits until something is stored, if only in one branch: from the first message on all is demanded. */
  async begin(): Promise<void> {
    this.start();
    await until("the first events are stored", async () => {
      const { total, gaps } = await this.stored.read();
      return total + gaps > 0;
    });
    this.note("first events stored");
  }

  /** Waits until the source is heard. */
  async connected(): Promise<void> {
    const { script } = this;
    const isConnected = () =>
      logRecords(script.err()).some(({ message }) => String(message).startsWith("connected"));
    await until(
      "it is connected",
      () => {
        if (script.child.exitCode !== null) throw new Error("it ended by itself");
        return isConnected();
      },
      CATCH_UP_SECONDS,
    ).catch((error) => this.#fail(error));
  }

  /**
   * At a random instant, mostly while it is connected, kills a process of the script that runs (by default the next in
   * turn), then ends what is left of it, and starts it anew.
   */
  async killNext(victim = VICTIMS[this.#kills % VICTIMS.length]!): Promise<void> {
    const round = Math.floor(this.#kills / VICTIMS.length);
    const ending = (this.#kills + round) % 2 === 0 ? "SIGTERM" : "SIGKILL";
    if (this.#random.chance(0.7)) await this.connected();
    await delay(100 + this.#random.below(1100));
    await this.kill(victim, victim === "ingest.sh" ? "left" : ending);
    this.start();
  }

  /** Kills a process of the script that runs, and ends what is left of it. */
  async kill(victim: Victim, ending: Ending): Promise<void> {
    const { script } = this;
    const pid = victim === "ingest.sh" ? script.child.pid! : await pidOf(script, victim);
    this.#kills++;
    process.kill(pid, "SIGKILL");
    this.note(`kill ${this.#kills}: ${victim}`);
    if (ending === "left") return;
    await delay(this.#random.below(300));
    await this.end(ending);
  }

  /** Ends the script that runs: in order, or all of it at once. */
  async end(how: Exclude<Ending, "left">): Promise<void> {
    const { script } = this;
    if (how === "SIGTERM") script.child.kill("SIGTERM");
    else if (isThere(script)) process.kill(-script.child.pid!, "SIGKILL");
    await until("all of it has ended", () => !isThere(script)).catch((error) => this.#fail(error));
    this.note(`ended by ${how}`);
  }

  /**
   * Waits until all that is demanded is stored, and no more comes: all runs but the last are gone, and a second has
   * passed. Then ends the last, too. Gives what differs; nothing where nothing does.
   */
  async settled(demanded: () => Demand): Promise<string> {
    const deadline = performance.now() + CATCH_UP_SECONDS * 1000;
    const difference = async () => differences(await this.stored.read(), demanded());
    while ((await difference()) !== "" && performance.now() < deadline) await delay(100);
    this.note((await difference()) === "" ? "all is stored" : "the deadline has passed");
    await until("the runs before are gone", () => !this.#runs.slice(0, -1).some(isThere));
    for (const end = performance.now() + QUIET_MS; performance.now() < end; ) {
      if ((await difference()) !== "") break;
      await delay(100);
    }
    await this.end("SIGTERM");
    return difference();
  }

  /** What was done, and when: with it a failure can be told, and made again. */
  story(): string {
    const { seed, speech } = this.#options;
    const errors = this.#runs.map((run, i) => `--- stderr of run ${i + 1}\n${run.err()}`);
    return [`${speech}, seed ${seed}`, ...this.#log, ...errors].join("\n");
  }

  #fail({ message }: Error): never {
    throw new Error(`${message}\n${processesOf(this.script)}\n${this.story()}`);
  }

  note(words: string): void {
    const { stream } = this.#options.source;
    const time = new Date().toISOString().slice(11, 23);
    this.#log.push(`${time} run ${this.#runs.length}, ${stream.made} messages made: ${words}`);
  }
}

/** The processes of a run, in words. */
const processesOf = ({ child }: RunningTool): string =>
  execFileSync("ps", ["-A", "-o", "pgid=,pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => Number.parseInt(line, 10) === child.pid)
    .join("\n");

/** Some process of a run is there, the script itself or another. */
function isThere({ child }: RunningTool): boolean {
  try {
    process.kill(-child.pid!, 0);
    return true;
  } catch {
    return false;
  }
}
