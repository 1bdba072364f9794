/** Proxies that TRUST_PROXY should have named: many people come from such an address, so it is not closed out for one. */
import { BlockList, isIP } from "node:net";
import { addressKey } from "../../broker/admission.ts";

/** Networks that are no part of the Internet: nobody comes from there but a proxy, or somebody on the own network. */
const PRIVATE = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "fe80::/10",
];
/** A network has few proxies; who sends the header from very many addresses is none. */
const MAX_KEPT = 64;

export class UnnamedProxies {
  readonly #warn: (text: string) => void;
  readonly #loopback = listOf(["127.0.0.0/8", "::1/128"]);
  readonly #private = listOf(PRIVATE);
  readonly #seen = new Set<string>();
  #hasWarned = false;

  /** `warn` is told of the first one. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** A peer sent X-Forwarded-For and was not believed. */
  saw(peer: string): void {
    if (!this.#hasWarned) {
      this.#warn(
        `X-Forwarded-For of ${peer} is ignored, for TRUST_PROXY does not name it: if it is your proxy, all visitors share its address and its limits`,
      );
    }
    this.#hasWarned = true;
    if (this.#seen.size < MAX_KEPT && isIn(this.#private, peer)) this.#seen.add(addressKey(peer));
  }

  /** Whether many may come from there: this machine itself, where a proxy need not say so, or a private peer that was seen. */
  has(address: string): boolean {
    return isIn(this.#loopback, address) || this.#seen.has(addressKey(address));
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

function isIn(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
