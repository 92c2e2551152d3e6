import { linkSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileError, systemCode } from "./errors.ts";

/** A lock that one process holds; it is free again when that process releases it or dies. */
export interface FileLock {
  release(): void;
}

/** Who holds a lock: a pid alone may have gone to another process since. */
interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
}

/** Times a lock that others take and release at this very moment is tried for. */
const TRIES_MAX = 50;

/**
 * Takes a lock, or gives undefined while a living process holds it. A dead holder's lock is taken at once.
 *
 * The lock `path` is the file `path.N` with the highest N. A taker creates N + 1, in one step and with its content,
 * which only one can; it holds the lock if no higher one is there afterwards. The number never goes back: a release
 * leaves its file, emptied. So no file is ever removed on the strength of an old look at it.
 * @throws ToolError (permission, cannotCreate, io) when the folder cannot be written.
 */
export function tryLock(path: string): FileLock | undefined {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const top = generations(path).at(-1) ?? 0;
    if (top > 0 && livingHolder(`${path}.${top}`) !== undefined) return undefined;
    const mine = `${path}.${top + 1}`;
    if (!createWhole(mine, JSON.stringify(thisProcess()))) continue;
    if (generations(path).at(-1) !== top + 1) {
      remove(mine);
      continue;
    }
    for (const old of generations(path)) if (old <= top) remove(`${path}.${old}`);
    return { release: () => empty(mine) };
  }
  return undefined;
}

/** The process that holds a lock now, if a living one does. */
export function lockHolder(path: string): number | undefined {
  const top = generations(path).at(-1);
  return top === undefined ? undefined : livingHolder(`${path}.${top}`);
}

/** A holder of which nobody here can say whether it lives. */
export interface ForeignHolder {
  readonly pid: number;
  readonly host: string;
  /** What frees the lock when it is removed. */
  readonly file: string;
}

/** The process of a host of another name that holds a lock, if one does. */
export function foreignHolder(path: string): ForeignHolder | undefined {
  const top = generations(path).at(-1);
  if (top === undefined) return undefined;
  const file = `${path}.${top}`;
  const holder = holderAt(file);
  return holder === undefined || holder.host === hostname()
    ? undefined
    : { pid: holder.pid, host: holder.host, file };
}

function generations(path: string): number[] {
  const prefix = `${basename(path)}.`;
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch (error) {
    throw fileError(path, "create", error);
  }
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** False when the file is there already. Written aside and linked, so that it never exists without its content. */
function createWhole(path: string, content: string): boolean {
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    writeFileSync(aside, content, { mode: 0o600 });
    linkSync(aside, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw fileError(path, "create", error);
  } finally {
    remove(aside);
  }
}

/** Where its folder is gone, the lock is. */
function empty(path: string): void {
  try {
    writeFileSync(path, "");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw fileError(path, "write", error);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already: somebody else removed it.
  }
}

function holderAt(path: string): Holder | undefined {
  try {
    return holderIn(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function livingHolder(path: string): number | undefined {
  const holder = holderAt(path);
  if (holder === undefined) return undefined;
  const { pid, started, host } = holder;
  // A process of another machine cannot be looked at; its lock stands until it is released or the file removed.
  if (host !== hostname()) return pid;
  return isAlive(pid) && started === startOf(pid) ? pid : undefined;
}

/** Who wrote it; undefined for one that was released, and for what no process of ours can have written. */
function holderIn(text: string): Holder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { pid, started, host } = (value ?? {}) as Partial<Record<keyof Holder, unknown>>;
  if (!Number.isInteger(pid) || typeof started !== "string" || typeof host !== "string") return undefined;
  return { pid: pid as number, started, host };
}

const thisProcess = (): Holder => ({ pid: process.pid, started: startOf(process.pid), host: hostname() });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** When a process started, in ticks since boot with the boot's id (proc(5), field 22 of stat); "" where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // The second field, the name, may hold spaces and brackets: count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : `${boot}:${fields[19]}`;
  } catch {
    return "";
  }
}
