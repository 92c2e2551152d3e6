import { createHash } from "node:crypto";
import { join } from "node:path";
import { environmentVariable, stateFolder } from "../../core/environment.ts";
import { ToolError } from "../../core/errors.ts";
import type { DocumentStore } from "../../profiles/document-store.ts";

const FIRESTORE = "firestore://";
/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields; stricter, for it stands in names of files. */
const COLLECTION = /^[A-Za-z0-9][\w.-]{0,199}$/;

/** Where documents go, as `--to` says it. */
export type DocumentTarget =
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "firestore"; readonly prefix: string };

/** `DIR`, or `firestore://COLLECTION`. @throws ToolError (usage). */
export function parseTarget(text: string): DocumentTarget {
  if (text.startsWith(FIRESTORE)) {
    const prefix = text.slice(FIRESTORE.length);
    if (COLLECTION.test(prefix)) return { kind: "firestore", prefix };
    throw expected("the name of a collection behind firestore://", text);
  }
  if (text.trim() === "" || /^[a-z][\w+.-]*:\/\//i.test(text)) {
    throw expected("a folder, or firestore://COLLECTION", text);
  }
  return { kind: "folder", folder: text };
}

/** Opens it; the adapter of one that is not used is not loaded. */
export async function openDocuments(target: DocumentTarget): Promise<DocumentStore> {
  if (target.kind === "folder") return (await import("./folder.ts")).folderDocuments(target.folder);
  return (await import("./firestore.ts")).firestoreStore({ prefix: target.prefix });
}

/**
 * Where the ids of a target are kept, when nobody says: beside the documents, in a folder's `.profiles`; of a database
 * with this machine's state.
 */
export function idFolderOf(target: DocumentTarget): string {
  if (target.kind === "folder") return join(target.folder, ".profiles");
  const place = ["FIRESTORE_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"]
    .map((name) => environmentVariable(name) ?? "")
    .concat(target.prefix);
  const hash = createHash("sha256").update(JSON.stringify(place)).digest("hex").slice(0, 16);
  return join(stateFolder(), "profiles", hash);
}

const expected = (what: string, got: string) =>
  new ToolError("usage", `expected ${what}, got ${JSON.stringify(got)}`);
