/** The host site's signed identity: one pinned algorithm, at most a day old, for this audience alone. */
import { createPublicKey, createSecretKey } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { z } from "zod";
import { Disconnect } from "../../broker/errors.ts";
import { parseJsonObject } from "../../chat/json.ts";
import { isCompactJws } from "./compact-jws.ts";
import { hmacKey } from "./hmac-key.ts";
import type { KeyObject, webcrypto } from "node:crypto";

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

/** What is told of a claim that is not accepted. */
const CLAIM_HINTS: Readonly<Record<string, string>> = {
  sub: "sub of the site's token is text of 1 to 255 characters",
  iat: "iat of the site's token is when it was made, in whole seconds, not in the future",
  exp: "exp of the site's token is in whole seconds, not past, and at most 24 h after iat",
  name: "name in the site's token is text of 1 to 100 characters; shorten it or leave it out",
  aud: "aud of the site's token is not SITE_JWT_AUDIENCE",
  nbf: "nbf of the site's token is in the future",
};

type Key = {
  readonly kid: string | undefined;
  readonly key: KeyObject | webcrypto.CryptoKey;
  readonly algorithm: string;
};

/**
 * Reads tokens signed with one of the keys; undefined for everything else. Rejects with AUTH_FAILED and a hint when
 * the signature is right and a claim is not: who has the key, or the token, learns nothing that is not in it.
 * Throws for keys it cannot use.
 */
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
      if (exp - iat > MAX_LIFE_S) throw claimRefused("exp");
      if (iat * 1000 > now() + SKEW_S * 1000) throw claimRefused("iat");
      return name === undefined ? { subject: sub } : { subject: sub, name };
    } catch (error) {
      const claim = claimOf(error);
      if (claim !== undefined) throw claimRefused(claim);
      if (error instanceof Disconnect) throw error;
      return undefined;
    }
  };
}

function claimRefused(claim: string): Disconnect {
  const hint = CLAIM_HINTS[claim];
  return Disconnect.of("AUTH_FAILED", hint === undefined ? {} : { hint });
}

/** The claim that was found wrong once the signature was found right; undefined when nothing was. */
function claimOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)
    return error.claim;
  return error instanceof z.ZodError ? String(error.issues[0]?.path[0]) : undefined;
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
  if (kind === "secret") return { kid, key: hmacKey(createSecretKey(value, "utf8")), algorithm: "HS256" };
  const key = createPublicKey(value);
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519")
    throw new Error("SITE_JWT_PUBLIC_KEY: an RSA or Ed25519 key is expected");
  return { kid, key, algorithm: type === "rsa" ? "RS256" : "EdDSA" };
}
