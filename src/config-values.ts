/** Values of the environment that have a grammar of their own. */
import { createPublicKey } from "node:crypto";
import { isIP } from "node:net";
import { isWellFormedPattern } from "./broker/general/topic-index.ts";
import { OVERFLOWS } from "./broker/general/topics.ts";
import { excerpt } from "./stomp/errors.ts";
import type { Overflow } from "./broker/general/topics.ts";

/** A host site's key; `kid` picks one of several. */
export type SiteKey = { readonly kind: "secret" | "public"; readonly kid?: string; readonly value: string };

export type TrustProxy =
  | { readonly kind: "none" }
  | { readonly kind: "hops"; readonly hops: number }
  | { readonly kind: "networks"; readonly networks: readonly string[] };

const MAX_SITE_KEYS = 2;
const MIN_SECRET_OCTETS = 32;

const MIN_RSA_BITS = 2048;

/** A comma list of exact origins; throws an Error that names the corrected form. */
export function parseOrigins(value: string): readonly string[] {
  return value.split(",").map((entry) => {
    const origin = entry.trim();
    if (origin.includes("*")) {
      throw new Error(`${excerpt(origin)} would let other sites use this chat; list the origins`);
    }
    const url = parseHttpUrl(origin);
    if (url === null) {
      const meant = parseHttpUrl(`https://${origin}`)?.origin ?? "as https://shop.example.com is";
      throw new Error(`${excerpt(origin)} is no origin; it must be written ${meant}`);
    }
    if (url.origin !== origin) throw new Error(`${excerpt(origin)} must be written ${url.origin}`);
    return origin;
  });
}

/** Where browsers reach this server, without a slash at the end; throws an Error that names the corrected form. */
export function parsePublicUrl(value: string): string {
  const url = parseHttpUrl(value);
  if (url === null || url.username !== "" || url.password !== "" || url.host.includes("*")) {
    throw new Error("no http or https URL without a login, such as https://chat.example.com");
  }
  const written = (url.origin + url.pathname).replace(/\/+$/, "");
  if (value !== written && value !== `${written}/`) {
    throw new Error(`${excerpt(value)} must be written ${written}`);
  }
  return written;
}

export type TopicOverflow = { readonly pattern: string; readonly overflow: Overflow };

/** A comma list of `/topic/pattern=choice`; of several that cover a topic the first counts. */
export function parseTopicOverflow(value: string): readonly TopicOverflow[] {
  return value.split(",").map((entry) => {
    const [pattern = "", choice, ...rest] = entry.trim().split("=");
    const overflow = OVERFLOWS.find((known) => known === choice);
    if (overflow === undefined || rest.length > 0) {
      throw new Error(`${excerpt(entry.trim())} is not written /topic/name=${OVERFLOWS.join("|")}`);
    }
    if (!/^\/topic\/[\x21-\x7e]+$/.test(pattern) || !isWellFormedPattern(pattern)) {
      throw new Error(`${excerpt(pattern)} is no topic and no pattern of topics`);
    }
    return { pattern, overflow };
  });
}

/** An address, or a name that may have one. */
export function parseHost(value: string): string {
  const isName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i.test(
    value,
  );
  const isNumeric = /^[0-9.]+$/.test(value);
  if (isIP(value) === 0 && (!isName || isNumeric)) {
    throw new Error(`${excerpt(value)} is no address of this machine, such as 127.0.0.1 or 0.0.0.0`);
  }
  return value;
}

function parseHttpUrl(value: string): URL | null {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

/** `loopback`, a hop count, or CIDRs. */
export function parseProxies(value: string): TrustProxy {
  if (value === "loopback") return { kind: "networks", networks: ["127.0.0.0/8", "::1/128"] };
  if (/^[0-9]{1,2}$/.test(value)) return { kind: "hops", hops: Number(value) };
  const networks = value.split(",").map((network) => network.trim());
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong !== undefined) {
    throw new Error(
      `${excerpt(wrong)} is no hop count, no CIDR such as 10.0.0.0/8 or fd00::/8, and not "loopback"`,
    );
  }
  return { kind: "networks", networks };
}

function isNetwork(network: string): boolean {
  const [address = "", bits, ...more] = network.split("/");
  const family = isIP(address);
  if (family === 0 || address.includes("%") || more.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** One value, or `kid=value,kid=value`; throws an Error that never shows the value. */
export function parseSiteKeys(kind: SiteKey["kind"], value: string): readonly SiteKey[] {
  const keys = splitKeys(value).map(([kid, key]): SiteKey =>
    kid === undefined ? { kind, value: key } : { kind, kid, value: key },
  );
  if (keys.length > MAX_SITE_KEYS) throw new Error(`at most ${MAX_SITE_KEYS} keys (not shown)`);
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Error("two keys have the same kid");
  for (const key of keys) {
    if (kind === "secret") requireStrong(key.value);
    else requirePublicKey(key.value);
  }
  return keys;
}

/** "=" at the end alone is padding of a base64 secret, not the end of a kid. */
function splitKeys(value: string): readonly (readonly [string | undefined, string])[] {
  if (!/^[A-Za-z0-9_-]{1,64}=(?!=*$)/.test(value)) return [[undefined, value.replaceAll("\\n", "\n")]];
  return value.split(/,(?=[A-Za-z0-9_-]{1,64}=)/).map((entry) => {
    const equals = entry.indexOf("=");
    return [entry.slice(0, equals), entry.slice(equals + 1).replaceAll("\\n", "\n")];
  });
}

function requireStrong(secret: string): void {
  if (secret.trim() !== secret) throw new Error("has white space around it (not shown)");
  if (Buffer.byteLength(secret) < MIN_SECRET_OCTETS)
    throw new Error(`at least ${MIN_SECRET_OCTETS} octets (not shown)`);
  if (/example|changeme|secret-of-your-site/i.test(secret))
    throw new Error("is an example value (not shown)");
  // A public key is known to everybody: whoever has it could sign.
  if (secret.includes("-----BEGIN ")) throw new Error("is a PEM, which is no shared secret (not shown)");
}

function requirePublicKey(pem: string): void {
  if (!pem.includes("-----BEGIN PUBLIC KEY-----"))
    throw new Error("a PEM public key is expected (not shown)");
  const key = readPublicKey(pem);
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key?.asymmetricKeyType === "ed25519") return;
  if (key?.asymmetricKeyType !== "rsa" || bits < MIN_RSA_BITS) {
    throw new Error(`an RSA key of at least ${MIN_RSA_BITS} bits or an Ed25519 key is expected (not shown)`);
  }
}

function readPublicKey(pem: string): ReturnType<typeof createPublicKey> | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
