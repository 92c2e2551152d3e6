import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after } from "node:test";
import {
  type handleUnaryCall,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A value of the protocol, of the kinds that JSON has. */
interface Value {
  readonly mapValue?: { readonly fields?: Readonly<Record<string, Value>> };
  readonly arrayValue?: { readonly values?: readonly Value[] };
  readonly integerValue?: string;
  readonly doubleValue?: number;
  readonly stringValue?: string;
  readonly booleanValue?: boolean;
  readonly nullValue?: string;
}

interface Write {
  readonly update?: { readonly name: string; readonly fields?: Readonly<Record<string, Value>> };
  /** The path of a document that is to go. */
  readonly delete?: string;
  readonly updateMask?: { readonly fieldPaths?: readonly string[] };
}

interface CommitRequest {
  readonly database: string;
  readonly writes?: readonly Write[];
}

type Fields = Record<string, unknown>;

/** What a commit is answered: nothing, or a failure by its code; `stored`: the failure is only in the answer. */
export type CommitFate = undefined | { readonly code: number; readonly stored?: boolean };

export interface FirestoreServer {
  /** For FIRESTORE_EMULATOR_HOST. */
  readonly host: string;
  /** Documents by their path: `people-members/m1`. */
  readonly documents: ReadonlyMap<string, Readonly<Fields>>;
  /** How many writes each commit had, whatever became of it. */
  readonly commits: readonly number[];
  /** The names of all methods that were called, besides Commit. */
  readonly others: readonly string[];
  stop(): void;
}

/**
 * Firestore's wire on this machine until the tests are done: Commit, with update masks, all or nothing; nothing else,
 * for the toolkit reads nothing there (decision 0009). It speaks by the protos in the client's package, over gRPC. `fate`
 * decides about each commit, by its number from 0.
 */
export async function firestoreServer(
  fate: (commit: number, request: CommitRequest) => CommitFate = () => undefined,
): Promise<FirestoreServer> {
  const documents = new Map<string, Fields>();
  const commits: number[] = [];

  const commit: handleUnaryCall<CommitRequest, object> = ({ request }, answer) => {
    const writes = request.writes ?? [];
    const number = commits.push(writes.length) - 1;
    const fail = (code: number) => answer({ code, details: `${status[code]} by the test` });
    if (writes.length > 500) return fail(status.INVALID_ARGUMENT);
    const outcome = fate(number, request);
    if (outcome !== undefined && outcome.stored !== true) return fail(outcome.code);
    for (const write of writes) apply(documents, request.database, write);
    if (outcome !== undefined) return fail(outcome.code);
    const now = { seconds: "1767225600", nanos: 0 };
    answer(null, { writeResults: writes.map(() => ({ updateTime: now })), commitTime: now });
  };

  const others: string[] = [];
  const definition = serviceDefinition();
  const unimplemented = (name: string) => (call: ServerDuplexStream<unknown, unknown>, answer: unknown) => {
    others.push(name);
    const failure = { code: status.UNIMPLEMENTED, details: `${name} is not part of this server` };
    if (typeof answer === "function") answer(failure);
    else call.emit("error", failure);
  };
  const methods = Object.keys(definition).map((name) => [name, unimplemented(name) as never]);
  const server = new Server();
  server.addService(definition, { ...Object.fromEntries(methods), Commit: commit as never });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  after(() => server.forceShutdown());
  return { host: `127.0.0.1:${port}`, documents, commits, others, stop: () => server.forceShutdown() };
}

function serviceDefinition(): ServiceDefinition {
  const client = createRequire(import.meta.url).resolve("@google-cloud/firestore");
  const protos = join(dirname(client), "../protos");
  const definition = loadSync("google/firestore/v1/firestore.proto", {
    includeDirs: [protos],
    longs: String,
    enums: String,
    defaults: false,
  });
  type Loaded = { google: { firestore: { v1: { Firestore: { service: ServiceDefinition } } } } };
  return (loadPackageDefinition(definition) as unknown as Loaded).google.firestore.v1.Firestore.service;
}

/** Sets the fields that the mask names, and removes those that it names and the write has not. */
function apply(documents: Map<string, Fields>, database: string, write: Write): void {
  const { update, updateMask } = write;
  const prefix = `${database}/documents/`;
  if (write.delete !== undefined) return void documents.delete(write.delete.slice(prefix.length));
  if (update?.name.startsWith(prefix) !== true || updateMask === undefined) {
    throw new Error("a write of another kind than a merge");
  }
  const name = update.name.slice(prefix.length);
  const fresh = plain({ mapValue: { fields: update.fields ?? {} } }) as Fields;
  const document = documents.get(name) ?? {};
  for (const path of updateMask.fieldPaths ?? []) {
    const names = [...path.matchAll(/`((?:[^`\\]|\\.)*)`|([^.`]+)/g)].map(
      ([, quoted, bare]) => quoted?.replace(/\\(.)/g, "$1") ?? bare!,
    );
    setAt(document, names, valueAt(fresh, names));
  }
  documents.set(name, document);
}

function valueAt(fields: unknown, names: readonly string[]): unknown {
  let value = fields;
  for (const name of names) value = (value as Fields | undefined)?.[name];
  return value;
}

function setAt(document: Fields, names: readonly string[], value: unknown): void {
  let place = document;
  for (const name of names.slice(0, -1)) {
    const inner = place[name];
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) place[name] = {};
    place = place[name] as Fields;
  }
  if (value === undefined) delete place[names.at(-1)!];
  else place[names.at(-1)!] = value;
}

function plain(value: Value): unknown {
  if (value.mapValue !== undefined) {
    const fields = Object.entries(value.mapValue.fields ?? {});
    return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner)]));
  }
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  if (value.integerValue !== undefined) return Number(value.integerValue);
  return value.doubleValue ?? value.stringValue ?? value.booleanValue ?? null;
}
