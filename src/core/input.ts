import { closeSync, constants, fstatSync, open, openSync, read } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";
import { fileError, systemCode, ToolError } from "./errors.ts";

/** How much is asked of a file or pipe at a time, bytes. */
const CHUNK_BYTES = 1 << 20;
const readAsync = promisify(read);
const openAsync = promisify(open);

/**
 * Takes one chunk. The bytes are valid only until it returns (or its promise resolves); reading goes on after
 * that, so a slow consumer holds the input back.
 */
export type TakeChunk = (chunk: Buffer) => void | Promise<void>;

/**
 * Reads standard input until its end, or until `stop` aborts, in chunks of up to 1 MiB.
 *
 * Files go through fs.read; pipes through a socket that reads into one buffer, for a blocked fs.read would keep
 * the process from ending; terminals through process.stdin.
 * @throws ToolError (io) when the input cannot be read.
 */
export async function readStdin(take: TakeChunk, stop: AbortSignal): Promise<void> {
  let stat: ReturnType<typeof fstatSync>;
  try {
    stat = fstatSync(0);
  } catch (error) {
    if (systemCode(error) === "EBADF") return;
    throw fileError("standard input", "read", error);
  }
  if (stat.isDirectory())
    throw new ToolError("usage", "standard input: expected a stream of lines, got a folder");
  if (stat.isFile()) return readDescriptor(0, "standard input", take, stop);
  if (stat.isFIFO() || stat.isSocket())
    return readPipe({ descriptor: 0, name: "standard input" }, take, stop);
  for await (const chunk of process.stdin.iterator({ destroyOnReturn: true })) {
    await take(chunk as Buffer);
    if (stop.aborted) break;
  }
}

/** Reads a file from its start to its end as it is then, or a named pipe to its end, or until `stop` aborts. */
export async function readFileChunks(path: string, take: TakeChunk, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const descriptor = await openForReading(path, stop);
  if (fstatSync(descriptor).isFIFO()) return readPipe({ descriptor, name: path }, take, stop);
  try {
    await readDescriptor(descriptor, path, take, stop);
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a file. A named pipe is waited for until somebody writes to it, or `stop` aborts. */
async function openForReading(path: string, stop: AbortSignal): Promise<number> {
  // The wait cannot be broken off, but it ends when we ourselves open the pipe for writing.
  const wake = () => {
    try {
      closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    } catch {
      // Then it is no pipe, and nobody waits.
    }
  };
  stop.addEventListener("abort", wake, { once: true });
  try {
    return await openAsync(path, "r");
  } catch (error) {
    throw fileError(path, "read", error);
  } finally {
    stop.removeEventListener("abort", wake);
  }
}

/** Reads on while a chunk is worked on: two buffers take turns. */
async function readDescriptor(
  descriptor: number,
  name: string,
  take: TakeChunk,
  stop: AbortSignal,
): Promise<void> {
  let [current, other] = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
  const begin = (buffer: Buffer) =>
    readAsync(descriptor, buffer, 0, CHUNK_BYTES, null).catch((error: unknown) => {
      throw fileError(name, "read", error);
    });
  let reading = begin(current);
  try {
    while (!stop.aborted) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = begin(other);
      const busy = take(current.subarray(0, bytesRead));
      if (busy !== undefined) await busy;
      [current, other] = [other, current];
    }
  } finally {
    // The descriptor may be closed only when nobody reads from it.
    await reading.catch(() => {});
  }
}

interface Pipe {
  readonly descriptor: number;
  readonly name: string;
}

/** Reads a pipe or socket and closes it. */
function readPipe({ descriptor, name }: Pipe, take: TakeChunk, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let busy: Promise<void> | undefined;
    const settle = (outcome: () => void) => {
      stop.removeEventListener("abort", onStop);
      socket.destroy();
      outcome();
    };
    const onStop = () => settle(() => (busy === undefined ? resolve() : busy.then(resolve, reject)));
    const onError = (error: unknown) =>
      settle(() => reject(error instanceof ToolError ? error : fileError(name, "read", error)));

    const socket = new Socket({
      fd: descriptor,
      readable: true,
      writable: false,
      onread: {
        buffer,
        callback(bytesRead: number) {
          try {
            busy = take(buffer.subarray(0, bytesRead)) ?? undefined;
          } catch (error) {
            settle(() => reject(error));
            return false;
          }
          if (busy === undefined) return true;
          busy.then(
            () => {
              busy = undefined;
              if (!socket.destroyed) socket.resume();
            },
            (error: unknown) => settle(() => reject(error)),
          );
          return false;
        },
      },
    } as ConstructorParameters<typeof Socket>[0]);
    socket.on("end", () => settle(() => (busy === undefined ? resolve() : busy.then(resolve, reject))));
    socket.on("error", (error) => (systemCode(error) === "ECONNRESET" ? settle(resolve) : onError(error)));
    if (stop.aborted) return onStop();
    stop.addEventListener("abort", onStop, { once: true });
    socket.resume();
  });
}
