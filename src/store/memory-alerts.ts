import type { AlertRecord } from "../records/alert.ts";
import {
  ALERTS_KEPT,
  type AlertStore,
  type AlertsRequest,
  type PublishedAlert,
  wantedOf,
  withoutRepeats,
} from "./alert-store.ts";

/** The alerts' part of a store within this process. Holds the last 1,000 of each stream. */
export function memoryAlerts(): AlertStore {
  const published = new Map<string, { readonly alerts: PublishedAlert[]; last: number }>();

  function publish(stream: string, alerts: readonly AlertRecord[]): void {
    const held = published.get(stream) ?? { alerts: [], last: 0 };
    published.set(stream, held);
    for (const alert of alerts) held.alerts.push({ id: String(++held.last), alert });
    held.alerts.splice(0, held.alerts.length - ALERTS_KEPT);
  }

  function alerts(request: AlertsRequest): readonly PublishedAlert[] {
    const held = published.get(request.stream);
    const wanted = wantedOf(request);
    if (held === undefined || wanted === 0) return [];
    const after = numberOf(request.after);
    if (after === undefined || after > held.last) return withoutRepeats(held.alerts.slice(-wanted));
    return withoutRepeats(held.alerts.filter(({ id }) => Number(id) > after).slice(0, wanted));
  }

  return {
    publish: async (stream, batch) => publish(stream, batch),
    alerts: async (request) => alerts(request),
  };
}

/** The number that an id is; undefined for what is none of ours. */
const numberOf = (id: string | undefined): number | undefined =>
  id !== undefined && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined;
