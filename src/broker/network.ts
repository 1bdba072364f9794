/** The network that an address is in: what stands for a visitor where the address itself would say too much, or too little. */
import { isIPv4, isIPv6 } from "node:net";

/**
 * An address with only so many of its first bits (whole octets of IPv4, whole groups of IPv6), such as
 * `203.0.113.0/24` or `2001:db8:1::/48`; what is no address is returned as it is.
 */
export function networkOf(address: string, bits: { readonly four: number; readonly six: number }): string {
  if (isIPv4(address)) {
    const kept = address.split(".").slice(0, bits.four / 8);
    return `${[...kept, "0", "0", "0", "0"].slice(0, 4).join(".")}/${bits.four}`;
  }
  if (!isIPv6(address)) return address;
  const groups = groupsOf(address).slice(0, bits.six / 16);
  return `${groups.map((group) => group.toString(16)).join(":")}::/${bits.six}`;
}

/** The eight groups of an IPv6 address; zones and a tail in IPv4's spelling are beyond what is kept of it. */
function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = (address.split("%")[0] ?? "")
    .replace(/[0-9]+(?:\.[0-9]+){3}$/, "0:0")
    .split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((text) => parseInt(text, 16));
  const [first, last] = [parse(head), parse(tail ?? "")];
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...new Array<number>(missing).fill(0), ...last];
}

/** What a guest is blocked by beside an id: a household's part of IPv6, which gives its machines new addresses. */
export function guestNetworkOf(address: string): string {
  return networkOf(address, { four: 32, six: 64 });
}
