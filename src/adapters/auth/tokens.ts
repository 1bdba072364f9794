/** Tokens of ours, all beginning `cc_`: signed ones for guests and customers, opaque ones for agents and services. */
import { createSecretKey, hash, randomBytes } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { isCompactJws } from "./compact-jws.ts";
import { hmacKey } from "./hmac-key.ts";
import type { webcrypto } from "node:crypto";

const DAY_MS = 24 * 60 * 60 * 1000;
const GUEST_LIFE_MS = 30 * DAY_MS;
const CUSTOMER_LIFE_MS = DAY_MS;
const MAX_TOKEN_OCTETS = 4096;

export const TOKEN_PREFIX = "cc_";
const GUEST = "cc_g.";
const CUSTOMER = "cc_c.";
export const SESSION = "cc_s_";
export const SERVICE = "cc_v_";

export type SignedToken =
  | { readonly kind: "guest"; readonly id: string; readonly generation: number; readonly expiresAt: number }
  | { readonly kind: "customer"; readonly id: string; readonly expiresAt: number };

const claims = z.object({ sub: z.string().min(1), exp: z.int(), gen: z.int().optional() });

const ID_OCTETS = 16;
/** Ids drawn from the system at once: one draw per id costs as much as all else that is done for a message. */
const IDS_DRAWN = 256;

/** A maker of random ids of 128 bits for principals, messages and conversations. */
export function createIdSource(): () => string {
  let drawn = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at === drawn.length) {
      drawn = randomBytes(ID_OCTETS * IDS_DRAWN);
      at = 0;
    }
    at += ID_OCTETS;
    return drawn.toString("base64url", at - ID_OCTETS, at);
  };
}

/** One such id, for what is made rarely. */
export function randomId(): string {
  return randomBytes(ID_OCTETS).toString("base64url");
}

/** A fresh opaque token: the peer gets it once, the store keeps its hash. */
export function createOpaqueToken(prefix: typeof SESSION | typeof SERVICE): string {
  return prefix + randomBytes(32).toString("base64url");
}

export function hashToken(token: string): string {
  return hash("sha256", token, "hex");
}

/** Signs and reads the tokens that carry their own facts. */
export class Tokens {
  readonly #key: webcrypto.CryptoKey;
  readonly #now: () => number;

  constructor(key: Uint8Array, now: () => number = Date.now) {
    this.#key = hmacKey(createSecretKey(key));
    this.#now = now;
  }

  async guest(id: string, generation: number): Promise<string> {
    return GUEST + (await this.#sign({ sub: id, gen: generation }, GUEST_LIFE_MS));
  }

  async customer(id: string): Promise<string> {
    return CUSTOMER + (await this.#sign({ sub: id }, CUSTOMER_LIFE_MS));
  }

  /** The facts of a valid token of ours; undefined for everything else, whatever is wrong with it. */
  async read(token: string): Promise<SignedToken | undefined> {
    const kind = token.startsWith(GUEST) ? "guest" : token.startsWith(CUSTOMER) ? "customer" : undefined;
    if (kind === undefined || token.length > MAX_TOKEN_OCTETS) return undefined;
    const jws = token.slice(GUEST.length);
    if (!isCompactJws(jws)) return undefined;
    try {
      const { payload, protectedHeader } = await jwtVerify(jws, this.#key, {
        algorithms: ["HS256"],
        typ: kind,
        currentDate: new Date(this.#now()),
        requiredClaims: ["sub", "exp", "iat"],
      });
      if (Object.keys(protectedHeader).some((name) => name !== "alg" && name !== "typ")) return undefined;
      const { sub: id, exp, gen: generation } = claims.parse(payload);
      const expiresAt = exp * 1000;
      if (kind === "customer") return { kind, id, expiresAt };
      return generation === undefined ? undefined : { kind, id, generation, expiresAt };
    } catch {
      return undefined;
    }
  }

  #sign(claims: { sub: string; gen?: number }, life: number): Promise<string> {
    const issued = Math.floor(this.#now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", typ: claims.gen === undefined ? "customer" : "guest" })
      .setIssuedAt(issued)
      .setExpirationTime(issued + life / 1000)
      .sign(this.#key);
  }
}
