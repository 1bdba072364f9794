/** The peer's address behind trusted proxies; for limits and logs, never for trust. */
import { BlockList, isIP } from "node:net";
import type { IncomingMessage } from "node:http";

export type ProxyTrust =
  | { readonly kind: "none" }
  | { readonly kind: "hops"; readonly hops: number }
  | { readonly kind: "networks"; readonly networks: readonly string[] };

/** Reads X-Forwarded-For only as far as the trusted proxies wrote it; `ignored` is told of each peer that is none. */
export function createAddressReader(
  trust: ProxyTrust,
  ignored: (peer: string) => void,
): (request: IncomingMessage) => string {
  const isTrusted = trustedBy(trust);
  return (request) => {
    const peer = plain(request.socket.remoteAddress ?? "");
    const forwarded = request.headers["x-forwarded-for"];
    if (forwarded === undefined) return peer;
    if (!isTrusted(peer, 0)) {
      ignored(peer);
      return peer;
    }
    let address = peer;
    for (const [hop, entry] of String(forwarded).split(",").reverse().entries()) {
      if (!isTrusted(address, hop)) break;
      const next = plain(withoutPort(entry.trim()));
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

/** Whether the peer may speak for others with X-Forwarded-For. */
export function createProxyTrust(trust: ProxyTrust): (request: IncomingMessage) => boolean {
  const isTrusted = trustedBy(trust);
  return ({ socket }) => isTrusted(plain(socket.remoteAddress ?? ""), 0);
}

function trustedBy(trust: ProxyTrust): (address: string, hop: number) => boolean {
  if (trust.kind === "none") return () => false;
  if (trust.kind === "hops") return (_, hop) => hop < trust.hops;
  const list = new BlockList();
  for (const network of trust.networks) {
    const [address = "", bits] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The address in `1.2.3.4:5678`, `[2001:db8::1]:5678` and `[2001:db8::1]`; some proxies write these. */
function withoutPort(entry: string): string {
  const match = /^(?:\[(?<six>.*)\](?::[0-9]{1,5})?|(?<four>[0-9.]+):[0-9]{1,5})$/.exec(entry);
  return match?.groups?.["six"] ?? match?.groups?.["four"] ?? entry;
}

/** An IPv4 address that an IPv6 socket shows as ::ffff:1.2.3.4. */
function plain(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  return mapped !== undefined && isIP(mapped) === 4 ? mapped : address;
}
