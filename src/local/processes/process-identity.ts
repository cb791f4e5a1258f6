import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Which process is meant, also after its number has been given to another one: pids are reused, a pair
 * of pid and start is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form the system gives; only ever compared for equality. */
  readonly started: string;
}

/** The process that has this pid now, or undefined when there is none (a zombie counts as none). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const started = process.platform === "linux" ? startOnLinux(pid) : startByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

/** The words of a process's command line joined by spaces, or undefined when it is gone. */
export function commandLine(pid: number): string | undefined {
  try {
    if (process.platform === "linux")
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim() || undefined;
    return ps(pid, "command=") || undefined;
  } catch {
    return undefined;
  }
}

/** The process that has started one, or undefined when either is gone. */
export function parentOf(pid: number): number | undefined {
  try {
    const parent = Number(process.platform === "linux" ? statOf(pid)[1] : ps(pid, "ppid="));
    return Number.isSafeInteger(parent) && parent > 0 ? parent : undefined;
  } catch {
    return undefined;
  }
}

let bootId: string | undefined;

function startOnLinux(pid: number): string | undefined {
  let fields: string[];
  try {
    fields = statOf(pid);
    bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === undefined || startTicks === undefined || state === "Z" || state === "X") return undefined;
  return `${bootId}/${startTicks}`;
}

/** What Linux says of a process, from its state on. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in brackets and may itself hold spaces and brackets.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function startByPs(pid: number): string | undefined {
  try {
    const line = ps(pid, "stat=,lstart=");
    const [state, ...rest] = line.split(/\s+/);
    return line === "" || state?.startsWith("Z") ? undefined : rest.join(" ");
  } catch {
    return undefined;
  }
}

function ps(pid: number, columns: string): string {
  const args = ["-ww", "-o", columns, "-p", String(pid)];
  return execFileSync("ps", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
