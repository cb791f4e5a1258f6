import { BlockList, isIP } from "node:net";
import { invalidInput } from "../domain/errors.ts";
import { shown } from "../domain/text/visible.ts";

/** Networks that are not the internet, with what they are called. Nothing is sent there unless an operator allows it. */
const CLOSED: readonly [what: string, ...networks: string[]][] = [
  ["loopback", "127.0.0.0/8", "::1/128"],
  ["link-local", "169.254.0.0/16", "fe80::/10"],
  ["private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"],
  ["unspecified", "0.0.0.0/8", "::/128"],
  ["reserved", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"],
  ["multicast", "224.0.0.0/4", "ff00::/8"],
];

const CLOSED_LISTS = CLOSED.map(([what, ...networks]) => ({ what, list: listOf(networks) }));

/** What an operator has allowed beside the internet: host names, addresses and networks. */
export interface PermittedAddresses {
  readonly hosts: ReadonlySet<string>;
  readonly networks: BlockList;
}

/** Reads `SLUICE_ALLOW_ADDRESSES`: hosts, addresses and networks such as 10.0.0.0/8, with commas or spaces between. */
export function readPermittedAddresses(text: string, name = "SLUICE_ALLOW_ADDRESSES"): PermittedAddresses {
  const hosts = new Set<string>();
  const networks: string[] = [];
  for (const one of text.split(/[\s,]+/).filter(Boolean)) {
    const bare = one.replace(/^\[(.*)\]$/, "$1");
    if (isNetwork(bare)) networks.push(bare);
    else if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(one)) hosts.add(one.toLowerCase());
    else
      throw invalidInput(
        `${name}: ${shown(one)} is neither a host nor a network; write hooks.internal, 10.1.2.3 or 10.0.0.0/8`,
      );
  }
  return { hosts, networks: listOf(networks) };
}

/**
 * Why nothing is sent to an address, or undefined where it may be: what kind of address it is.
 *
 * @param address an IP address that a host name has been resolved to
 * @param host the name, or the address itself, as it was written
 */
export function refusedAddress(
  address: string,
  host: string,
  { hosts, networks }: PermittedAddresses,
): string | undefined {
  if (hosts.has(host.toLowerCase()) || contains(networks, address)) return undefined;
  return CLOSED_LISTS.find(({ list }) => contains(list, address))?.what;
}

function contains(list: BlockList, address: string): boolean {
  const plain = asVersion4(address);
  return list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}

/** An IPv4 address that is written as an IPv6 one is what it stands for. */
function asVersion4(address: string): string {
  const mapped = /^(?:0*:)*(?::|0:)ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const hex = /^(?:0*:)*(?::|0:)ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!hex) return address.replace(/%.*$/, "");
  const number = (Number.parseInt(hex[1]!, 16) << 16) | Number.parseInt(hex[2]!, 16);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split("/", 2);
  const version = isIP(address);
  if (version === 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/", 2);
    const version = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, bits === undefined ? (version === "ipv6" ? 128 : 32) : Number(bits), version);
  }
  return list;
}
