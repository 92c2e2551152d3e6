import { type AlertRecord, identityOf } from "../records/alert.ts";

/** Alerts that are held. */
const ALERTS_MAX = 1000;

/** Which alerts are asked for. */
export interface AlertWish {
  readonly limit: number;
  /** Those decided at this time or later, ms since the Unix epoch. */
  readonly since?: number | undefined;
  readonly alert?: string | undefined;
  readonly state?: string | undefined;
}

/** The last 1,000 alerts of a stream, each once, in the order in which they came. */
export class AlertLog {
  readonly #alerts = new Map<string, AlertRecord>();
  readonly #counts = new Map<string, number>();
  #newest: string | undefined;

  /** The store's id of the newest; undefined before any. */
  get newest(): string | undefined {
    return this.#newest;
  }
  /** How many came since the start, by kind and state. */
  get counts(): Iterable<{ readonly alert: string; readonly state: string; readonly count: number }> {
    return [...this.#counts].map(([key, count]) => {
      const [alert = "", state = ""] = key.split(" ");
      return { alert, state, count };
    });
  }

  /** @returns false for one that is there already: it came twice. */
  push(id: string, alert: AlertRecord): boolean {
    if (!this.recall(id, alert)) return false;
    const kind = `${alert.alert} ${alert.state}`;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** The same, but it is not counted: it came before the start. */
  recall(id: string, alert: AlertRecord): boolean {
    this.#newest = id;
    const name = identityOf(alert);
    if (this.#alerts.has(name)) return false;
    this.#alerts.set(name, alert);
    const oldest = this.#alerts.keys().next().value;
    if (this.#alerts.size > ALERTS_MAX && oldest !== undefined) this.#alerts.delete(oldest);
    return true;
  }

  /** Lets go of all of them; their counts stay. */
  forget(): void {
    this.#alerts.clear();
  }

  /** The newest first. */
  select({ limit, since, alert, state }: AlertWish): AlertRecord[] {
    const chosen: AlertRecord[] = [];
    for (const record of [...this.#alerts.values()].reverse()) {
      if (chosen.length === limit) break;
      if (since !== undefined && record.t < since) continue;
      if (alert !== undefined && record.alert !== alert) continue;
      if (state !== undefined && record.state !== state) continue;
      chosen.push(record);
    }
    return chosen;
  }
}
