import type { Firestore } from "@google-cloud/firestore";
import { reasonOf, ToolError } from "../../core/errors.ts";
import { Passing } from "../../core/retry.ts";
import type { DocumentMerge, DocumentStore, Refused } from "../../profiles/document-store.ts";
import { withoutEmpty } from "./fields.ts";

/** Writes in one commit. https://firebase.google.com/docs/firestore/manage-data/transactions#batched-writes */
const WRITES_MAX = 500;
/** Longest that one commit may take, ms. */
const COMMIT_MS_MAX = 20_000;

/** gRPC's codes. https://grpc.io/docs/guides/status-codes/ */
const INVALID_ARGUMENT = 3;
/** The code that stands for the HTTP status 429. */
const RESOURCE_EXHAUSTED = 8;
const PASSING: ReadonlyMap<number, string> = new Map([
  [1, "CANCELLED"],
  [2, "UNKNOWN"],
  [4, "DEADLINE_EXCEEDED"],
  [RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"],
  [10, "ABORTED"],
  [13, "INTERNAL"],
  [14, "UNAVAILABLE"],
]);
/** A document that nobody has. */
const PROBE = "rsvpulse-check";
/** Codes of a connection that failed rather than of Firestore's. */
const UNANSWERED = new Set([4, 14]);

/** Retries are ours: the client's have no jitter, go on for ten minutes, and cannot be ended. */
const NO_RETRIES = {
  interfaces: {
    "google.firestore.v1.Firestore": {
      retry_codes: { none: [] },
      methods: { Commit: { timeout_millis: COMMIT_MS_MAX, retry_codes_name: "none" } },
    },
  },
} as const;

export interface FirestoreOptions {
  /** Stands before each collection's name, with a hyphen between; without it collections have their own names. */
  readonly prefix?: string | undefined;
}

/**
 * Documents in Google's Firestore, by its official client, which finds project and credentials by itself (Application
 * Default Credentials; FIRESTORE_EMULATOR_HOST for an emulator). A batch is one commit with an update mask for each
 * document, up to 500 of them; it is all stored or nothing.
 * @throws ToolError (configuration) when the client is not installed.
 */
export async function firestoreStore({ prefix }: FirestoreOptions): Promise<DocumentStore> {
  const firestore = await connect();
  const nameOf = (collection: string) => (prefix === undefined ? collection : `${prefix}-${collection}`);

  /** Stores all or nothing. @throws what the client does. */
  function commit(documents: readonly DocumentMerge[]): Promise<void> {
    // A transaction that reads nothing is one commit; unlike a batch's, its failures are not retried by the client.
    return firestore.runTransaction(
      async (transaction) => {
        for (const { collection, id, fields } of documents) {
          const document = firestore.collection(nameOf(collection)).doc(id);
          try {
            transaction.set(document, withoutEmpty(fields), { merge: true });
          } catch (error) {
            throw new Unfit(reasonOf(error), { cause: error });
          }
        }
      },
      { maxAttempts: 1 },
    );
  }

  /** Finds the documents that are refused by halving. */
  async function mergePart(documents: readonly DocumentMerge[]): Promise<Refused[]> {
    try {
      await commit(documents);
      return [];
    } catch (error) {
      const reason = refusalReason(error);
      if (reason === undefined) throw failureOf(error);
      if (documents.length === 1) return [{ document: documents[0]!, reason }];
      const half = Math.ceil(documents.length / 2);
      return [...(await mergePart(documents.slice(0, half))), ...(await mergePart(documents.slice(half)))];
    }
  }

  return {
    name: `Firestore${prefix === undefined ? "" : ` (${prefix})`}`,
    async merge(documents) {
      const refused: Refused[] = [];
      for (let from = 0; from < documents.length; from += WRITES_MAX) {
        refused.push(...(await mergePart(documents.slice(from, from + WRITES_MAX))));
      }
      return refused;
    },
    async check() {
      try {
        // To delete what is not there is a write like any other, and changes nothing.
        await firestore.runTransaction(
          async (transaction) => {
            transaction.delete(firestore.collection(nameOf("members")).doc(PROBE));
          },
          { maxAttempts: 1 },
        );
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => firestore.terminate(),
  };
}

async function connect(): Promise<Firestore> {
  let library: typeof import("@google-cloud/firestore");
  try {
    library = await import("@google-cloud/firestore");
  } catch (error) {
    throw new ToolError(
      "configuration",
      "Firestore's client is not installed: npm install @google-cloud/firestore",
      { cause: error },
    );
  }
  return new library.Firestore({ clientConfig: NO_RETRIES, ignoreUndefinedProperties: true });
}

/** The client itself refuses a document, before anything is sent. */
class Unfit extends Error {}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : undefined;

/** Why documents of a commit are refused for what they hold; undefined for any other failure. */
const refusalReason = (error: unknown): string | undefined =>
  error instanceof Unfit || codeOf(error) === INVALID_ARGUMENT ? reasonOf(error) : undefined;

/** A failure of a commit as an error to wait out, or one that the user can act on. */
function failureOf(error: unknown): unknown {
  const code = codeOf(error);
  const told = (kind: "permission" | "configuration", words: string) =>
    new ToolError(kind, `Firestore: ${words} (${reasonOf(error)})`, { cause: error });
  if (typeof code === "number" && PASSING.has(code)) {
    const name = PASSING.get(code);
    const status = code === RESOURCE_EXHAUSTED ? 429 : undefined;
    return new Passing(`it answers ${name}`, { answered: !UNANSWERED.has(code), status, cause: error });
  }
  if (code === 7 || code === 16) {
    return told("permission", "it does not let us write; give the account the role Cloud Datastore User");
  }
  if (code === 5) return told("configuration", "there is no such database; make one in the project");
  if (code === 9) return told("configuration", "the database does not take documents; is it in Native mode?");
  const message = reasonOf(error);
  if (/credentials|project id/i.test(message)) {
    return told(
      "configuration",
      "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS, and GOOGLE_CLOUD_PROJECT",
    );
  }
  return error;
}
