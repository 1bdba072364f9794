/** The host site's signed identity: one pinned algorithm, at most a day old, for this audience alone. */
import { createPublicKey, createSecretKey } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { z } from "zod";
import { parseJsonObject } from "../../chat/json.ts";
import { isCompactJws } from "./compact-jws.ts";
import type { KeyObject } from "node:crypto";

export type SiteKeyValue = {
  readonly kind: "secret" | "public";
  readonly kid?: string;
  readonly value: string;
};

export type SiteIdentity = { readonly subject: string; readonly name?: string };

const MAX_TOKEN_OCTETS = 4096;
const MAX_LIFE_S = 24 * 60 * 60;
const SKEW_S = 60;
const ALLOWED_HEADERS = new Set(["alg", "typ", "kid"]);

const claims = z.object({
  sub: z.string().min(1).max(255),
  iat: z.int().positive(),
  exp: z.int().positive(),
  name: z.string().min(1).max(100).optional(),
});

type Key = { readonly kid: string | undefined; readonly key: KeyObject; readonly algorithm: string };

/** Reads tokens signed with one of the keys; undefined for everything else. Throws for keys it cannot use. */
export function createSiteJwtReader(
  keys: readonly SiteKeyValue[],
  audience: string,
  now: () => number = Date.now,
): (token: string) => Promise<SiteIdentity | undefined> {
  const known = keys.map(keyOf);
  return async (token) => {
    if (token.length > MAX_TOKEN_OCTETS || !isCompactJws(token)) return undefined;
    try {
      const header = decodeProtectedHeader(token);
      const key =
        known.length === 1 ? lone(known[0], header.kid) : known.find(({ kid }) => kid === header.kid);
      if (key === undefined || Object.keys(header).some((name) => !ALLOWED_HEADERS.has(name)))
        return undefined;
      const { payload } = await jwtVerify(token, key.key, {
        algorithms: [key.algorithm],
        audience,
        clockTolerance: SKEW_S,
        currentDate: new Date(now()),
      });
      requireStrictJson(token);
      const { sub, iat, exp, name } = claims.parse(payload);
      if (exp - iat > MAX_LIFE_S || iat * 1000 > now() + SKEW_S * 1000) return undefined;
      return name === undefined ? { subject: sub } : { subject: sub, name };
    } catch {
      return undefined;
    }
  };
}

/** Of two claims of one name other readers may take the other one: throws for what JSON.parse lets pass. */
function requireStrictJson(token: string): void {
  for (const part of token.split(".").slice(0, 2)) {
    parseJsonObject(Buffer.from(part, "base64url").toString("utf8"));
  }
}

/** A lone key needs no kid, but a kid that is given must be its own. */
function lone(key: Key | undefined, kid: string | undefined): Key | undefined {
  return key?.kid === undefined || kid === undefined || key.kid === kid ? key : undefined;
}

function keyOf({ kind, kid, value }: SiteKeyValue): Key {
  if (kind === "secret") return { kid, key: createSecretKey(value, "utf8"), algorithm: "HS256" };
  const key = createPublicKey(value);
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519")
    throw new Error("SITE_JWT_PUBLIC_KEY: an RSA or Ed25519 key is expected");
  return { kid, key, algorithm: type === "rsa" ? "RS256" : "EdDSA" };
}
