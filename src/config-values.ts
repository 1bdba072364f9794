/** Values of the environment that have a grammar of their own. */

/** A host site's key; `kid` picks one of several. */
export type SiteKey = { readonly kind: "secret" | "public"; readonly kid?: string; readonly value: string };

export type TrustProxy =
  | { readonly kind: "none" }
  | { readonly kind: "hops"; readonly hops: number }
  | { readonly kind: "networks"; readonly networks: readonly string[] };

const MAX_SITE_KEYS = 2;
const MIN_SECRET_OCTETS = 32;

/** A comma list of exact origins; throws an Error that names the corrected form. */
export function parseOrigins(value: string): readonly string[] {
  return value.split(",").map((entry) => {
    const origin = entry.trim();
    if (origin === "*") throw new Error('"*" would let every site use this chat; list the origins');
    const url = URL.parse(origin);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new Error(`"${origin.slice(0, 80)}" is no origin, such as https://shop.example.com`);
    }
    if (url.origin !== origin) throw new Error(`"${origin.slice(0, 80)}" must be written ${url.origin}`);
    return origin;
  });
}

/** `loopback`, a hop count, or CIDRs. */
export function parseProxies(value: string): TrustProxy {
  if (value === "loopback") return { kind: "networks", networks: ["127.0.0.0/8", "::1/128"] };
  if (/^[0-9]{1,2}$/.test(value)) return { kind: "hops", hops: Number(value) };
  const networks = value.split(",").map((network) => network.trim());
  if (
    !networks.every((network) => /^[0-9a-fA-F.:]+(?:\/[0-9]{1,3})?$/.test(network) && /[.:]/.test(network))
  ) {
    throw new Error(`"${value.slice(0, 80)}" is no hop count, no CIDR list, and not "loopback"`);
  }
  return { kind: "networks", networks };
}

/** One value, or `kid=value,kid=value`. */
export function parseSiteKeys(kind: SiteKey["kind"], value: string): readonly SiteKey[] {
  const keys = splitKeys(value).map(([kid, key]): SiteKey =>
    kid === undefined ? { kind, value: key } : { kind, kid, value: key },
  );
  if (keys.length > MAX_SITE_KEYS) throw new Error(`at most ${MAX_SITE_KEYS} keys`);
  for (const key of keys) {
    if (kind === "secret") requireStrong(key.value);
    else if (!key.value.includes("-----BEGIN PUBLIC KEY-----"))
      throw new Error("a PEM public key is expected (not shown)");
  }
  return keys;
}

function splitKeys(value: string): readonly (readonly [string | undefined, string])[] {
  if (!/^[A-Za-z0-9_-]{1,64}=./.test(value)) return [[undefined, value.replaceAll("\\n", "\n")]];
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
}
