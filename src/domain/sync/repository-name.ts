/**
 * What a repository is called in a manifest: the address of its remote without protocol, login and `.git`, so that
 * clones by SSH and by HTTPS are one repository; the name of its folder without a remote. After a colon the folder of `sluice.yaml` where that is not the top.
 */
export function repositoryName(remote: string, topFolder: string, inside: string): string {
  const name = fromRemote(remote) ?? topFolder;
  return inside === "" ? name : `${name}:${inside}`;
}

/** `git@host:owner/name.git`, as SSH has it. */
const SCP = /^(?:[^@/:]+@)?(?<host>[^/:]+):(?!\/\/)(?<path>.+)$/;

function fromRemote(remote: string): string | undefined {
  if (remote === "") return undefined;
  const scp = SCP.exec(remote)?.groups;
  if (scp) return tidy(`${scp["host"]!.toLowerCase()}/${scp["path"]}`);
  if (!URL.canParse(remote)) return tidy(remote);
  const { host, pathname } = new URL(remote);
  return tidy(`${host}${pathname}`);
}

function tidy(name: string): string {
  return name.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
}
