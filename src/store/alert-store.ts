import { type AlertRecord, identityOf } from "../records/alert.ts";

/** So many alerts of a stream are kept, and not many more; the oldest go first. A reading gives at most as many. */
export const ALERTS_KEPT = 1000;

/** An alert as the store has it. */
export interface PublishedAlert {
  /** Where it stands among its stream's alerts: grows, and says nothing else. Stores do not know one another's. */
  readonly id: string;
  readonly alert: AlertRecord;
}

/** Which alerts are wanted. */
export interface AlertsRequest {
  readonly stream: string;
  /** Those after the one with this id; one that no alert can have is as good as none. */
  readonly after?: string | undefined;
  /** At most this many, and at most 1,000: with `after` the oldest of them, without it the newest. */
  readonly max: number;
}

/**
 * The alerts' part of the store: what was told of each stream lately, for those who come later.
 *
 * A batch that is sent again after a broken connection may be there twice: alerts are told apart by `id`, `state` and
 * `t`, and a reading leaves out what repeats another alert in it. Like all of the store, methods throw StoreAway while
 * it cannot be reached, and ToolError for what will not pass.
 */
export interface AlertStore {
  /** Adds alerts to a stream's, in this order and in one round trip. */
  publish(stream: string, alerts: readonly AlertRecord[]): Promise<void>;
  /** Alerts in the order in which they were published, the oldest first. What is no alert is left out. */
  alerts(request: AlertsRequest): Promise<readonly PublishedAlert[]>;
}

/** The alerts that repeat none before them, in the same order. */
export function withoutRepeats(published: readonly PublishedAlert[]): readonly PublishedAlert[] {
  const seen = new Set<string>();
  return published.filter(({ alert }) => {
    const name = identityOf(alert);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** How many alerts a reading gives at most: a whole number from 0 to 1,000. */
export const wantedOf = ({ max }: AlertsRequest): number =>
  Math.max(0, Math.min(ALERTS_KEPT, Math.floor(max)));
