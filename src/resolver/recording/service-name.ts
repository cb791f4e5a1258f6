/** What a replica of a Deployment or a ReplicaSet has behind its name, and one of a StatefulSet. */
const OF_A_POD = /(?:-[0-9a-f]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const OF_A_CONTAINER = /^[0-9a-f]{12,64}$/;
const MOST_CHARACTERS = 64;

/**
 * The name that all processes of a service share, made of a host's: `web-6d4cf56db6-x7x2k` and `web-3.example.com` are
 * `web`. A host whose name says nothing is `unnamed`.
 */
export function serviceOfHost(host: string): string {
  const [first = ""] = host.toLowerCase().split(".");
  if (OF_A_CONTAINER.test(first)) return "unnamed";
  const name = first
    .replace(OF_A_POD, "")
    .replaceAll(/[-_]?\d+/g, "")
    .slice(0, MOST_CHARACTERS);
  return name === "" ? "unnamed" : name;
}
