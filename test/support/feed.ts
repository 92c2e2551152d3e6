import type { Stage } from "../../src/core/stage.ts";

/** All that a stage emits for these records, the end included. */
export function feed<In, Out>(stage: Stage<In, Out>, records: readonly In[]): Out[] {
  const out: Out[] = [];
  const running = stage((record) => out.push(record));
  for (const record of records) running.push(record);
  running.end?.();
  return out;
}
