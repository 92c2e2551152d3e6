import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { httpServer } from "./http-server.ts";

/** What goes wrong with the nth request, from 0: an answer in its place, or a connection that is cut. */
export type Mishap =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | "cut-before"
  | "cut-after"
  | "damage"
  | "no-answer"
  | undefined;

export interface GcsServer {
  readonly url: string;
  /** What the buckets hold, by name. */
  readonly objects: Map<string, Buffer>;
  /** `METHOD kind` of each request. */
  readonly requests: string[];
  /** Says what goes wrong. */
  mishaps(of: (index: number, request: string) => Mishap): void;
  /** For the process that uses the client. */
  readonly env: Readonly<Record<string, string>>;
}

const BUCKET = "bucket";
/** Objects of a page of a listing. */
const PAGE = 3;

/**
 * The wire of Google Cloud Storage's JSON API, as far as an archive uses it: multipart and resumable uploads, preconditions,
 * checksums, listings in pages, downloads. https://cloud.google.com/storage/docs/json_api/v1
 */
export async function gcsServer(): Promise<GcsServer> {
  const objects = new Map<string, Buffer>();
  const sessions = new Map<
    string,
    { name: string; ifNew: boolean; md5: string | undefined; parts: Buffer[] }
  >();
  const requests: string[] = [];
  let mishapOf: (index: number, request: string) => Mishap = () => undefined;
  const { url } = await httpServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url!, "http://x");
    const body = await bodyOf(request).catch(() => undefined);
    // Whoever asked was killed.
    if (body === undefined) return;
    const kind = `${request.method} ${kindOf(address)}`;
    const mishap = mishapOf(requests.push(kind) - 1, kind);
    if (mishap === "cut-before") return void request.socket.destroy();
    if (mishap === "no-answer") return;
    if (typeof mishap === "object") return void refuse(response, mishap.status, mishap.headers);
    if (mishap === "cut-after") response.write = response.end = (() => request.socket.destroy()) as never;
    answer(request, response, { address, body: mishap === "damage" ? damaged(body) : body });
  }

  function answer(
    request: IncomingMessage,
    response: ServerResponse,
    { address, body }: { address: URL; body: Buffer },
  ): void {
    const query = address.searchParams;
    if (address.pathname.endsWith(`/b/${BUCKET}/iam/testPermissions`))
      return void tell(response, { permissions: query.getAll("permissions") });
    const path = /\/b\/([^/]+)\/o(?:\/(.*))?$/.exec(address.pathname);
    if (path?.[1] !== BUCKET) return void refuse(response, 404);
    const ifNew = query.get("ifGenerationMatch") === "0";
    if (query.get("uploadType") === "multipart") {
      const [metadata, bytes] = parts(body, String(request.headers["content-type"]));
      const { md5Hash, name } = JSON.parse(metadata!.toString()) as { md5Hash?: string; name?: string };
      return void create(response, { name: query.get("name") ?? name!, ifNew, md5: md5Hash, bytes: bytes! });
    }
    if (query.get("uploadType") === "resumable" && request.method === "POST") {
      const { md5Hash } = JSON.parse(body.toString() || "{}") as { md5Hash?: string };
      const id = randomUUID();
      sessions.set(id, { name: query.get("name")!, ifNew, md5: md5Hash, parts: [] });
      address.searchParams.set("upload_id", id);
      response.setHeader("location", `${url}${address.pathname}${address.search}`);
      return void response.end();
    }
    if (request.method === "PUT") return void piece(request, response, query.get("upload_id")!, body);
    if (path[2] === undefined) return void list(response, query);
    const name = decodeURIComponent(path[2]);
    const bytes = objects.get(name);
    if (bytes === undefined) return void refuse(response, 404);
    if (request.method === "DELETE") {
      objects.delete(name);
      return void response.writeHead(204).end();
    }
    if (query.get("alt") !== "media") return void tell(response, resource(name, bytes));
    response.setHeader("x-goog-hash", `crc32c=${crc32c(bytes)},md5=${md5(bytes)}`);
    response.end(bytes);
  }

  function create(
    response: ServerResponse,
    object: { name: string; ifNew: boolean; md5: string | undefined; bytes: Buffer },
  ): void {
    const { name, bytes } = object;
    if (object.ifNew && objects.has(name)) return void refuse(response, 412);
    if (object.md5 !== undefined && object.md5 !== md5(bytes)) return void refuse(response, 400);
    objects.set(name, bytes);
    tell(response, resource(name, bytes));
  }

  function piece(request: IncomingMessage, response: ServerResponse, id: string, body: Buffer): void {
    const session = sessions.get(id);
    if (session === undefined) return void refuse(response, 404);
    session.parts.push(body);
    const bytes = Buffer.concat(session.parts);
    // `bytes 0-*/*`: to the end of the request, which is the end of the object.
    const range = /^bytes (?:\*|\d+-(\*|\d+))\/(\*|\d+)$/.exec(String(request.headers["content-range"]));
    if (range === null || range[1] === "*" || bytes.length === Number(range[2]))
      return void create(response, { ...session, bytes });
    response.writeHead(308, { range: `bytes=0-${bytes.length - 1}` }).end();
  }

  function list(response: ServerResponse, query: URLSearchParams): void {
    const names = [...objects.keys()].filter((name) => name.startsWith(query.get("prefix") ?? "")).sort();
    const rest = names.filter((name) => name > (query.get("pageToken") ?? ""));
    const page = rest.slice(0, PAGE);
    tell(response, {
      items: page.map((name) => resource(name, objects.get(name)!)),
      ...(rest.length > PAGE && { nextPageToken: page.at(-1) }),
    });
  }

  return {
    url,
    objects,
    requests,
    mishaps(of) {
      mishapOf = of;
    },
    env: { STORAGE_EMULATOR_HOST: url, METADATA_SERVER_DETECTION: "none" },
  };
}

const kindOf = ({ pathname, searchParams }: URL): string =>
  searchParams.get("uploadType") ??
  (pathname.endsWith("/o") ? "list" : searchParams.get("alt") === "media" ? "download" : "object");

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The bodies of a multipart/related request. RFC 2387 */
function parts(body: Buffer, type: string): Buffer[] {
  const boundary = /boundary="?([^";]+)"?/.exec(type)![1]!;
  const text = body.toString("latin1").split(`--${boundary}`).slice(1, -1);
  return text.map((part) => Buffer.from(part.slice(part.indexOf("\r\n\r\n") + 4, -2), "latin1"));
}

/** A byte near the end is another one: of an upload it belongs to the object. */
function damaged(body: Buffer): Buffer {
  const at = body.lastIndexOf("}");
  const copy = Buffer.from(body);
  if (at >= 0) copy[at] = 0x20;
  return copy;
}

const resource = (name: string, bytes: Buffer) => ({
  kind: "storage#object",
  name,
  bucket: BUCKET,
  size: String(bytes.length),
  generation: "1",
  md5Hash: md5(bytes),
  crc32c: crc32c(bytes),
});

function tell(response: ServerResponse, value: object): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}

function refuse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  const error = { code: status, message: `status ${status}`, errors: [{ reason: "test" }] };
  response.end(JSON.stringify({ error }));
}

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("base64");

/** Castagnoli's polynomial, reversed. RFC 3720, B.4 */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

function crc32c(bytes: Buffer): string {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff]!;
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return sum.toString("base64");
}
