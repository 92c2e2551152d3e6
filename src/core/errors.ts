/**
 * Exit codes of every tool, after sysexits.h and the shell's 128 + signal.
 * A code is never invented elsewhere.
 */
export const EXIT = {
  done: 0,
  usage: 64,
  badInput: 65,
  unavailable: 69,
  defect: 70,
  cannotCreate: 73,
  io: 74,
  permission: 77,
  configuration: 78,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How an error ends the process, by what went wrong. */
export type ErrorKind = Exclude<keyof typeof EXIT, "done" | "interrupted" | "terminated">;

/** Facts that go beside a message into a log record; never a secret. */
export type Facts = Readonly<Record<string, unknown>>;

/** An error the user can act on: its message is the one line they see. Everything else is a defect. */
export class ToolError extends Error {
  readonly kind: ErrorKind;
  readonly facts: Facts;

  constructor(kind: ErrorKind, message: string, options: { cause?: unknown; facts?: Facts } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ToolError";
    this.kind = kind;
    this.facts = options.facts ?? {};
  }

  get exitCode(): ExitCode {
    return EXIT[this.kind];
  }
}

/** The `code` of a Node.js system error (`ENOENT`, `EPIPE`, …), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** One line for whatever was thrown: the message, else its code, else its name. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0) {
    return reasonOf(error.errors[0]);
  }
  if (!(error instanceof Error)) return String(error);
  return (error.message || systemCode(error) || error.name).split("\n", 1)[0] ?? error.name;
}

/**
 * A file operation that failed, as an error the user can act on.
 *
 * No permission or a read-only disk: 77. Cannot be opened for writing: 73. Cannot be read: 74 (input files
 * that are missing are the user's words: 64). Anything else, a full disk first of all: 74.
 */
export function fileError(path: string, action: "read" | "create" | "write", cause: unknown): ToolError {
  const code = systemCode(cause);
  const hint = FILE_HINTS[code ?? ""] ?? reasonOf(cause);
  const message = `${path}: cannot ${action}: ${hint}`;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new ToolError("permission", message, { cause });
  if (action === "read" && (code === "ENOENT" || code === "EISDIR"))
    return new ToolError("usage", message, { cause });
  return new ToolError(action === "create" ? "cannotCreate" : "io", message, { cause });
}

const FILE_HINTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the limit",
  EMFILE: "too many open files",
};
