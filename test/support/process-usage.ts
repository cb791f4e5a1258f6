import { readdir, readFile } from "node:fs/promises";

/** What /proc says of a process; undefined where there is none, or no /proc. */
async function statOf(pid: number | string): Promise<{ parent: number; cpuSeconds: number } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  if (stat === "") return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system, usersOfEnded, systemsOfEnded] = fields.slice(11, 15).map(Number);
  return {
    parent: Number(fields[1]),
    cpuSeconds: (user! + system! + usersOfEnded! + systemsOfEnded!) / 100,
  };
}

/** User and system time of a process and its children so far, ended ones included; 0 where the system does not tell. */
export async function cpuSeconds(pid: number): Promise<number> {
  let seconds = (await statOf(pid))?.cpuSeconds ?? 0;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const other of await Promise.all(pids.map(statOf)))
    if (other?.parent === pid) seconds += other.cpuSeconds;
  return seconds;
}

/** The most memory that a process ever held, in MB; null where the system does not tell. */
export async function peakMemory({ pid }: { readonly pid?: number | undefined }): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
  return peak === undefined ? null : Number(peak) / 1024;
}
