import { systemClock } from "../../core/clock.ts";
import { ToolError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { folderObjects } from "./folder.ts";
import type { ObjectStore } from "./object-store.ts";

/** Where objects are kept: a folder, or a bucket with what all names in it begin with. */
export type Destination =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "bucket"; readonly bucket: string; readonly prefix: string };

const BUCKET = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/;

/** `DIR` or `gs://BUCKET[/PREFIX]`. @throws ToolError (usage). */
export function parseDestination(text: string): Destination {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    if (text !== "") return { kind: "folder", path: text };
    throw new ToolError("usage", "expected a folder or gs://BUCKET, got an empty text");
  }
  const match = BUCKET.exec(text);
  if (match === null)
    throw new ToolError("usage", `expected a folder or gs://BUCKET[/PREFIX], got ${JSON.stringify(text)}`);
  const prefix = (match[2] ?? "").replace(/^\/+|\/+$/g, "");
  return { kind: "bucket", bucket: match[1]!, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** Opens it. Google's client is loaded for a bucket only. @throws ToolError (configuration). */
export async function openObjects(destination: Destination, log: Log): Promise<ObjectStore> {
  if (destination.kind === "folder") return folderObjects(destination.path);
  const { gcsStore } = await import("./gcs.ts");
  return gcsStore({ ...destination, clock: systemClock, random: Math.random, log });
}
