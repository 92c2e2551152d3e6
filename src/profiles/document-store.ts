import type { JsonObject } from "../core/json-object.ts";

/** Fields that go into one document; those that it has besides stay. */
export interface DocumentMerge {
  readonly collection: string;
  /** The document's name in its collection. */
  readonly id: string;
  readonly fields: JsonObject;
}

/** A document that the store will take in no form, whatever is done with the others. */
export interface Refused {
  readonly document: DocumentMerge;
  readonly reason: string;
}

/** Where documents are kept: small JSON objects by collection and name. */
export interface DocumentStore {
  /** How it is told to a person. */
  readonly name: string;
  /**
   * Merges each of these into the document of its name, which is made where there is none: objects field by field, lists
   * and scalars whole; an object without fields changes nothing. Merging the same again changes nothing, so a batch can
   * be sent again. When it resolves, all but the refused are durable.
   * @throws Passing for what may pass by itself; ToolError for what will not.
   */
  merge(documents: readonly DocumentMerge[]): Promise<readonly Refused[]>;
  /** Finds out whether documents could be stored, and leaves nothing. @throws what `merge` would. */
  check(): Promise<void>;
  close(): Promise<void>;
}
