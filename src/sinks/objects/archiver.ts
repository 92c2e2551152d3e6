import { ToolError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { OneAtATime } from "../../core/one-at-a-time.ts";
import { formatNumber } from "../../core/spans.ts";

/** What may wait for the store, bytes; then the input is held back. */
const WAITING_BYTES_MAX = 16 << 20;

/** A message that is to be kept. Its bytes are copied where it is kept. */
export interface ArchivedMessage {
  /** Under which name, a part of a path, it and its like are kept. */
  readonly label: string;
  readonly id: string | null;
  /** Event time, ms since the Unix epoch. */
  readonly t: number;
  readonly bytes: Buffer;
}

/** How many messages were made, and how many were there before. */
export interface ArchivedCounts {
  readonly archived: number;
  readonly there: number;
}

export interface ArchiverOptions {
  readonly log: Log;
  /** Told when messages are kept for good. */
  readonly stored: (counts: ArchivedCounts) => void;
  /** Given the lines that were kept, in order, once the messages before them are kept for good. */
  readonly release?: (lines: readonly Buffer[]) => void | Promise<void> | undefined;
}

/** How messages are kept: as objects, or in batches. */
export interface Keeper {
  /** Bytes of messages that are with it and not kept for good yet. */
  readonly bytes: number;
  /** Messages that are with it and not kept for good yet. */
  readonly messages: number;
  push(message: ArchivedMessage): void;
  /** Keeps for good all that was pushed before. @param giveUp aborts when a store that is away is not to be waited for. */
  keep(giveUp: AbortSignal): Promise<ArchivedCounts>;
  /** The input ended, and `keep` was done: what is open is closed. */
  end(giveUp: AbortSignal): Promise<void>;
  /** Something failed: what is open is left for a later run. */
  abandon?(): void;
}

/**
 * Keeps messages in a store: what is pushed while something is on its way goes together next. A source that can resume
 * may go on behind what was `stored`; what was not yet is lost when the process is killed.
 *
 * Holds what was pushed until it is kept; `room` says when that is too much.
 */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #keeper: Keeper;
  readonly #giveUp = new AbortController();
  readonly #work = new OneAtATime();
  #lines: Buffer[] = [];
  #lineBytes = 0;
  /** How many messages were with the keeper when it was abandoned. */
  #lost: number | undefined;
  #toldFull = false;

  constructor(keeper: Keeper, options: ArchiverOptions) {
    this.#keeper = keeper;
    this.#options = options;
  }

  /** Aborts when nothing more can be kept: reading on has no purpose, and the next call throws why. */
  get failed(): AbortSignal {
    return this.#work.failed;
  }

  /** Messages that were pushed and are not kept for good. */
  get unstored(): number {
    return this.#lost ?? this.#keeper.messages;
  }

  /** Takes a message. @throws ToolError (usage) for a label too many. */
  push(message: ArchivedMessage): void {
    this.#keeper.push(message);
  }

  /** Keeps a line until the messages before it are kept for good; then it is released. */
  pass(line: Buffer): void {
    this.#lines.push(line);
    this.#lineBytes += line.length;
  }

  /** Begins to keep what was pushed, unless something is on its way. @throws what ended an earlier attempt. */
  send(): void {
    this.#work.check();
    if (this.#hasMore()) this.#work.begin(() => this.#run());
  }

  /** undefined when there is room for more; else resolves when something was kept. */
  room(): Promise<void> | undefined {
    if (!this.#work.isUnderWay) return undefined;
    const waiting = this.#keeper.bytes + this.#lineBytes;
    if (waiting <= WAITING_BYTES_MAX) return undefined;
    if (!this.#toldFull) {
      this.#toldFull = true;
      const facts = { waiting: this.unstored, bytes: waiting };
      this.#options.log.info(
        `the input waits for the archive: ${formatNumber(this.unstored)} messages are on their way`,
        facts,
      );
    }
    return this.#work.done();
  }

  /**
   * Keeps all that was pushed, and ends.
   * @param giveUp aborts when a store that is away is no longer to be waited for.
   * @throws ToolError (unavailable, io, …) when not all could be kept.
   */
  async drain(giveUp: AbortSignal): Promise<void> {
    const abort = () => this.#giveUp.abort();
    if (giveUp.aborted) abort();
    giveUp.addEventListener("abort", abort, { once: true });
    try {
      while (this.#work.isUnderWay || this.#hasMore()) {
        this.send();
        await this.#work.over();
      }
      this.#work.check();
      await this.#keeper.end(this.#giveUp.signal);
    } catch (error) {
      this.#lost = this.#keeper.messages;
      this.#keeper.abandon?.();
      throw error;
    } finally {
      giveUp.removeEventListener("abort", abort);
    }
  }

  #hasMore(): boolean {
    return !this.#work.failed.aborted && (this.#lines.length > 0 || this.#keeper.messages > 0);
  }

  async #run(): Promise<void> {
    while (this.#hasMore()) {
      const lines = this.#lines;
      this.#lines = [];
      this.#lineBytes = 0;
      const counts = await this.#keeper.keep(this.#giveUp.signal);
      this.#options.stored(counts);
      await this.#options.release?.(lines);
    }
  }
}

/** Labels of one run at most: each has a folder, and with batches an open file. */
const LABELS_MAX = 1000;

/** Refuses a label too many: a stream that invents names must not fill the disk with folders. */
export function labelGuard(): (label: string) => void {
  const known = new Set<string>();
  return (label) => {
    if (known.has(label)) return;
    if (known.size >= LABELS_MAX) {
      throw new ToolError("badInput", `expected at most ${LABELS_MAX} streams, got one more: ${label}`);
    }
    known.add(label);
  };
}
