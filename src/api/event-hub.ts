import type { ServerEvents } from "./wire.ts";

/** Messages that are kept for who is slow or comes back, and their length together, characters. */
const MESSAGES_MAX = 2000;
const CHARACTERS_MAX = 8 << 20;

/** Where messages go: a connection that takes one after another. */
export interface Listener {
  /** @returns false when it has no room for now: it is to be woken later. */
  write(text: string): boolean;
}

interface Kept {
  readonly number: number;
  readonly id: string;
  readonly text: string;
}

/** One that listens: what it has had, and whether there is room for more. */
interface Seat {
  readonly listener: Listener;
  /** The number of the last message that it was given. */
  given: number;
  /** The newest of each passing kind that it has not had. */
  readonly pending: Map<string, string>;
  isFull: boolean;
}

/**
 * Gives Server-Sent Events to all that listen, each at its own pace.
 *
 * What has an id is kept, so that a slow reader, or one that was away, gets all of it in order, as far back as is kept;
 * when some is gone, `skipped` says so. Of what has none only the newest counts. Holds at most 2,000 messages and 8 Mi
 * characters, and for each listener what its connection holds. WHATWG HTML, section 9.2.
 */
export class EventHub {
  #kept: Kept[] = [];
  #first = 0;
  #characters = 0;
  #number = 0;
  readonly #seats = new Set<Seat>();

  /** How many listen. */
  get size(): number {
    return this.#seats.size;
  }

  /** Sends an event that is kept, under an id that Last-Event-ID may name. */
  keep<Name extends "stats" | "alert">(name: Name, data: ServerEvents[Name], id: string): void {
    const text = `id: ${id}\n${messageOf(name, data)}`;
    this.#kept.push({ number: ++this.#number, id, text });
    this.#characters += text.length;
    while (this.#kept.length - this.#first > MESSAGES_MAX || this.#characters > CHARACTERS_MAX) {
      this.#characters -= this.#kept[this.#first++]!.text.length;
    }
    if (this.#first > MESSAGES_MAX) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
    for (const seat of this.#seats) this.#serve(seat);
  }

  /** Sends an event of which only the newest counts. */
  pass<Name extends "shares" | "health" | "usual">(name: Name, data: ServerEvents[Name]): void {
    if (this.#seats.size === 0) return;
    const text = messageOf(name, data);
    for (const seat of this.#seats) {
      seat.pending.set(name, text);
      this.#serve(seat);
    }
  }

  /**
   * Takes in a listener, which is given all that comes, and first what was kept since `lastId`, where that is known.
   * @returns how to wake it when it has room again, and how to let it go.
   */
  join(listener: Listener, lastId: string | undefined): { wake(): void; leave(): void } {
    const known = lastId === undefined ? undefined : this.#numberOf(lastId);
    const seat: Seat = { listener, given: known ?? this.#number, pending: new Map(), isFull: false };
    if (lastId !== undefined && known === undefined)
      seat.pending.set("skipped", messageOf("skipped", { count: 1 }));
    this.#seats.add(seat);
    this.#serve(seat);
    return {
      wake: () => {
        seat.isFull = false;
        this.#serve(seat);
      },
      leave: () => void this.#seats.delete(seat),
    };
  }

  #numberOf(id: string): number | undefined {
    for (let i = this.#kept.length - 1; i >= this.#first; i--) {
      if (this.#kept[i]!.id === id) return this.#kept[i]!.number;
    }
    return undefined;
  }

  /** Gives a listener what it has not had, as far as it has room. */
  #serve(seat: Seat): void {
    if (seat.isFull || !this.#seats.has(seat)) return;
    const oldest = this.#number - (this.#kept.length - this.#first) + 1;
    if (seat.given < oldest - 1) {
      const count = oldest - 1 - seat.given;
      seat.given = oldest - 1;
      if (!this.#write(seat, messageOf("skipped", { count }))) return;
    }
    while (seat.given < this.#number) {
      const message = this.#kept[this.#first + seat.given + 1 - oldest]!;
      seat.given = message.number;
      if (!this.#write(seat, message.text)) return;
    }
    for (const [name, text] of seat.pending) {
      seat.pending.delete(name);
      if (!this.#write(seat, text)) return;
    }
  }

  #write(seat: Seat, text: string): boolean {
    seat.isFull = !seat.listener.write(text);
    return !seat.isFull;
  }
}

/** JSON has no raw line break, so one `data:` line holds it. */
export const messageOf = <Name extends keyof ServerEvents>(name: Name, data: ServerEvents[Name]): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
