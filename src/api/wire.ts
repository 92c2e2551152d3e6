import type { AlertRecord } from "../records/alert.ts";
import type { StatsRecord } from "../records/stats.ts";

/** Where the API has a stream from. */
export type Origin = "store" | "stdin";

/**
 * How the stream is, as `/healthz` tells it, and `/events` when it changes. Times are ms since the Unix epoch, spans s.
 *
 * - `live`: events are heard, or could be.
 * - `blind`: nothing can be said about the stream: its source is not connected, or stream time stands still.
 * - `waiting`: nothing has come of it yet.
 * - `away`: the store does not answer.
 * - `ended`: standard input ended; what is shown is how it was then.
 */
export interface Health {
  readonly status: "live" | "blind" | "waiting" | "away" | "ended";
  readonly origin: Origin;
  /** undefined while no stream is there to choose. */
  readonly stream?: string;
  /** Stream time; null while waiting. */
  readonly t: number | null;
  /** Wall seconds since stream time last moved; null while waiting. With standard input, since a record came. */
  readonly age: number | null;
  /** The source is connected; null while waiting or away. */
  readonly connected: boolean | null;
  readonly blind: boolean;
  /** One sentence for a person: what is wrong, and what to do; undefined while live. */
  readonly detail?: string;
}

/** `GET /history`: the last hour, second by second of stream time, earliest first; all lists are as long as `seconds`. */
export interface History {
  readonly stream: string;
  /** Stream time, ms. */
  readonly t: number;
  /** What one event is called: `RSVP`. */
  readonly noun: string;
  /** The ends of completed seconds, s since the Unix epoch, ascending; not every second need be there. */
  readonly seconds: readonly number[];
  /** Fresh events a second; null where the source was not heard. */
  readonly rate: readonly (number | null)[];
  /** Events a second that were usual then, as the detector of rates knew; null before it was warm. */
  readonly usual: readonly (number | null)[];
  /** Entropy of the recent shares, bits; null where it is not known, as from before the API began. */
  readonly entropy: readonly (number | null)[];
}

/** One category's share of the events that have one. */
export interface ComparedShare {
  readonly key: string;
  /** The key as a person calls it: `Texas`. */
  readonly name: string;
  /** Shares, 0 to 1; `usual` is null while nothing came before. */
  readonly now: number;
  readonly usual: number | null;
  /** Standard errors by which `now` is above what is usual, negative below; 0 while that is unknown. */
  readonly surplus: number;
  /** It stands out: far more, or far less, than chance would have it. */
  readonly standing: "surging" | "fallen" | "usual";
}

/** `GET /shares`: where events come from now, against the hour before. */
export interface Shares {
  readonly stream: string;
  readonly t: number;
  readonly noun: string;
  /** The seconds that `now` is of, a few of the newest, and how many events with a category they have. */
  readonly now: { readonly seconds: number; readonly n: number };
  /** The same of what is usual: up to an hour before those. */
  readonly usual: { readonly seconds: number; readonly n: number };
  /** What the keys name, where that can be drawn on a map. */
  readonly places: "us-states" | null;
  /** Those that stand out first, then by what they have now; in `/events` at most 64 and every state of the US. */
  readonly categories: readonly ComparedShare[];
  /** What is left out of `categories`. */
  readonly others: { readonly categories: number; readonly now: number; readonly usual: number | null };
}

/** `GET /probability?key=CA`, `POST /probability`. */
export interface Likelihood {
  readonly key: string;
  /** That the next event is of this category: more than 0, and less than 1. */
  readonly probability: number;
  /** The same in bits: -log2 of it. */
  readonly surprisal: number;
  /** Share of the events that are this improbable or more. */
  readonly rarity: number;
}

/** What `/events` sends: the name of each Server-Sent Event, and its data. */
export interface ServerEvents {
  /** Each completed second. */
  readonly stats: StatsRecord;
  readonly alert: AlertRecord;
  /** At most once a second; only the newest counts. */
  readonly shares: Shares;
  /** At the beginning, when it changes, and each 5 s. */
  readonly health: Health;
  /** At most once a second; what is usual now, for the line beside the rate. */
  readonly usual: { readonly t: number; readonly rate: number | null };
  /** Some of the above were left out, for the reader was slow, or all began anew: ask for `/history` and `/alerts` again. */
  readonly skipped: { readonly count: number };
}

/** An error, as RFC 9457 has it. */
export interface Problem {
  /** A URN that names the kind: `urn:rsvpulse:problem:store-away`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What was expected, what came, and how to mend it. */
  readonly detail: string;
}
