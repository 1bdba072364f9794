/** The host site's tokens: one pinned algorithm, one audience, a day at most, and everything that tries otherwise. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSiteJwtReader } from "../../../src/adapters/auth/site-jwt.ts";
import { flips, hs256, signedWith, unsigned } from "./jws.ts";
import type { KeyObject } from "node:crypto";
import type { SiteIdentity } from "../../../src/adapters/auth/site-jwt.ts";

const SECRET = "4f1c9a0be27d5836a1b2c3d4e5f60718";
const OTHER_SECRET = "ffffffffe27d5836a1b2c3d4e5f60718";
const NOW = Date.UTC(2026, 10, 24);
const SECONDS = NOW / 1000;
const DAY = 24 * 60 * 60;

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed25519 = generateKeyPairSync("ed25519");
const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" });

type Reader = (token: string) => Promise<SiteIdentity | undefined>;
const readerOf = (key: Parameters<typeof createSiteJwtReader>[0][number], now = NOW): Reader =>
  createSiteJwtReader([key], "shop", () => now);

const hsReader = readerOf({ kind: "secret", value: SECRET });
const rsReader = readerOf({ kind: "public", value: pem(rsa.publicKey) });
const edReader = readerOf({ kind: "public", value: pem(ed25519.publicKey) });

const HS = { alg: "HS256", typ: "JWT" };
const CLAIMS = { sub: "c-1", aud: "shop", iat: SECONDS, exp: SECONDS + 3600, name: "Carla" };
const CARLA = { subject: "c-1", name: "Carla" };
const hs = (claims: object | string, header: object | string = HS, key = SECRET): string =>
  hs256(header, claims, key);
const but = (claims: object): string => hs({ ...CLAIMS, ...claims });
const text = (more: string): string => JSON.stringify(CLAIMS).replace(/\}$/, `,${more}}`);

describe("a good token", () => {
  it.each<[string, Reader, string]>([
    ["HS256", hsReader, hs(CLAIMS)],
    ["RS256", rsReader, signedWith({ alg: "RS256", typ: "JWT" }, CLAIMS, rsa.privateKey)],
    ["EdDSA", edReader, signedWith({ alg: "EdDSA", typ: "JWT" }, CLAIMS, ed25519.privateKey)],
  ])("of %s names subject and name", async (_name, read, token) => {
    expect(await read(token)).toEqual(CARLA);
  });

  it.each<[string, string, SiteIdentity]>([
    ["without name", but({ name: undefined }), { subject: "c-1" }],
    ["without typ", hs(CLAIMS, { alg: "HS256" }), CARLA],
    ["with a kid, where the lone key has none", hs(CLAIMS, { ...HS, kid: "any" }), CARLA],
    ["for several audiences", but({ aud: ["bank", "shop"] }), CARLA],
    ["with claims that are none of ours", but({ email: "c@shop.example", roles: ["admin"] }), CARLA],
    ["of a whole day", but({ exp: SECONDS + DAY }), CARLA],
    ["whose sub has 255 characters", but({ sub: "s".repeat(255) }), { ...CARLA, subject: "s".repeat(255) }],
  ])("may be %s", async (_name, token, identity) => {
    expect(await hsReader(token)).toEqual(identity);
  });

  it.each<[string, object, number, boolean]>([
    ["60 s early", { iat: SECONDS + 60, exp: SECONDS + 3660 }, 0, true],
    ["61 s early", { iat: SECONDS + 61, exp: SECONDS + 3661 }, 0, false],
    ["59 s past its end", {}, 3659, true],
    ["61 s past its end", {}, 3661, false],
    ["60 s before nbf", { nbf: SECONDS + 60 }, 0, true],
    ["61 s before nbf", { nbf: SECONDS + 61 }, 0, false],
  ])("allows for a minute of skew: %s", async (_name, claims, laterS, isRead) => {
    const read = readerOf({ kind: "secret", value: SECRET }, NOW + laterS * 1000);
    if (isRead) expect(await read(but(claims))).toEqual(CARLA);
    else await expect(read(but(claims))).rejects.toMatchObject({ code: "AUTH_FAILED" });
  });

  it("is read in one spelling only: no bit of it can be flipped", async () => {
    const read = await Promise.all(flips(hs(CLAIMS)).map(hsReader));
    expect(read.filter((identity) => identity !== undefined)).toEqual([]);
  });
});

describe("a token is refused", () => {
  it.each<[string, string]>([
    ["with sub twice", hs(text('"sub":"admin"'))],
    ["with exp twice", hs(text(`"exp":${SECONDS + 60}`))],
    ["with sub twice, once escaped", hs(text('"\\u0073ub":"admin"'))],
    ["with alg twice", hs(CLAIMS, '{"alg":"HS256","alg":"HS256"}')],
    ["with __proto__", hs(text('"__proto__":{"sub":"admin"}'))],
    ["with a payload nested a thousand deep", hs(text(`"x":${"[".repeat(1000)}${"]".repeat(1000)}`))],
    ["with another token as payload", hs(JSON.stringify(hs(CLAIMS)))],
    ["with a list as payload", hs(`[${JSON.stringify(CLAIMS)}]`)],
    ["with null as payload", hs("null")],
    ["with an empty payload", hs("")],
    ["signed with another secret", hs(CLAIMS, HS, OTHER_SECRET)],
    ["signed with nothing", hs(CLAIMS, HS, "")],
    ["with alg none", unsigned({ alg: "none" }, CLAIMS)],
    ["with alg nOnE", unsigned({ alg: "nOnE" }, CLAIMS)],
    ["with alg none and a signature", hs(CLAIMS, { alg: "none" })],
    ["with no signature", unsigned(HS, CLAIMS)],
    ["with alg empty", hs(CLAIMS, { alg: "" })],
    ["with alg hs256", hs(CLAIMS, { alg: "hs256" })],
    ["with alg HS384", hs(CLAIMS, { alg: "HS384" })],
    ["with a list as alg", hs(CLAIMS, { alg: ["HS256"] })],
    ["without alg", hs(CLAIMS, { typ: "JWT" })],
    ["with RS256 where a secret is pinned", signedWith({ alg: "RS256" }, CLAIMS, rsa.privateKey)],
    ["with EdDSA where a secret is pinned", signedWith({ alg: "EdDSA" }, CLAIMS, ed25519.privateKey)],
    ["with jwk", hs(CLAIMS, { ...HS, jwk: { kty: "oct", k: "AAAA" } })],
    ["with jku", hs(CLAIMS, { ...HS, jku: "https://evil.example/keys" })],
    ["with x5u", hs(CLAIMS, { ...HS, x5u: "https://evil.example/key" })],
    ["with x5c", hs(CLAIMS, { ...HS, x5c: ["AAAA"] })],
    ["with crit", hs(CLAIMS, { ...HS, crit: ["exp"] })],
    ["with crit empty", hs(CLAIMS, { ...HS, crit: [] })],
    ["with b64", hs(CLAIMS, { ...HS, b64: true })],
    ["with padding", `${hs(CLAIMS)}=`],
    ["with white space around", ` ${hs(CLAIMS)}\n`],
    ["with two parts", hs(CLAIMS).split(".").slice(0, 2).join(".")],
    ["with five parts", `${hs(CLAIMS)}.e30.e30`],
    ["of 10 KiB", but({ more: "x".repeat(10_240) })],
    ["of nothing", ""],
    ["of dots", ".."],
  ])("%s", async (_name, token) => {
    expect(await hsReader(token)).toBeUndefined();
  });

  it.each<[string, Reader, string]>([
    ["HS256 with the RSA key's PEM as the secret", rsReader, hs(CLAIMS, HS, pem(rsa.publicKey))],
    ["the same without the line end", rsReader, hs(CLAIMS, HS, pem(rsa.publicKey).trim())],
    ["HS256 with the Ed25519 key's PEM", edReader, hs(CLAIMS, HS, pem(ed25519.publicKey))],
    ["RS256 of another key", rsReader, signedWith({ alg: "RS256" }, CLAIMS, otherRsa.privateKey)],
    ["PS256 in name", rsReader, signedWith({ alg: "PS256" }, CLAIMS, rsa.privateKey)],
    [
      "RS256 of a key that it brings along",
      rsReader,
      signedWith(
        { alg: "RS256", jwk: otherRsa.publicKey.export({ format: "jwk" }) },
        CLAIMS,
        otherRsa.privateKey,
      ),
    ],
    ["RS256 for an Ed25519 key", edReader, signedWith({ alg: "RS256" }, CLAIMS, rsa.privateKey)],
    ["none for a public key", rsReader, unsigned({ alg: "none" }, CLAIMS)],
  ])("as confused: %s", async (_name, read, token) => {
    expect(await read(token)).toBeUndefined();
  });
});

describe("a token of the site itself is refused with the claim that is wrong", () => {
  it.each<[string, string, string]>([
    ["without exp", but({ exp: undefined }), "exp"],
    ["with exp too far", but({ exp: SECONDS + DAY + 1 }), "exp"],
    ["with a huge exp", but({ exp: 1e300 }), "exp"],
    ["with exp as text", but({ exp: String(SECONDS + 3600) }), "exp"],
    ["with a broken exp", but({ exp: SECONDS + 3600.5 }), "exp"],
    ["with exp null", but({ exp: null }), "exp"],
    ["without iat", but({ iat: undefined }), "iat"],
    ["with iat as text", but({ iat: String(SECONDS) }), "iat"],
    ["with a negative iat", but({ iat: -1 }), "iat"],
    ["without sub", but({ sub: undefined }), "sub"],
    ["with an empty sub", but({ sub: "" }), "sub"],
    ["with sub of 256 characters", but({ sub: "s".repeat(256) }), "sub"],
    ["with a number as sub", but({ sub: 7 }), "sub"],
    ["with an object as sub", but({ sub: { $ne: null } }), "sub"],
    ["with a list as sub", but({ sub: ["c-1"] }), "sub"],
    ["with an object as name", but({ name: {} }), "name"],
    ["with a name of 101 characters", but({ name: "n".repeat(101) }), "name"],
    ["without aud", but({ aud: undefined }), "aud"],
    ["with another aud", but({ aud: "bank" }), "aud"],
    ["with aud in capitals", but({ aud: "SHOP" }), "aud"],
    ["with aud null", but({ aud: null }), "aud"],
  ])("%s", async (_name, token, claim) => {
    await expect(hsReader(token)).rejects.toMatchObject({
      code: "AUTH_FAILED",
      detail: { hint: expect.stringMatching(`^${claim} `) },
    });
  });

  it.each([OTHER_SECRET, ""])("and of nobody else: that of another key is told nothing", async (key) => {
    expect(await hsReader(hs({ ...CLAIMS, name: "n".repeat(101) }, HS, key))).toBeUndefined();
  });
});

describe("kid", () => {
  const rolled = createSiteJwtReader(
    [
      { kind: "secret", kid: "old", value: OTHER_SECRET },
      { kind: "secret", kid: "new", value: SECRET },
    ],
    "shop",
    () => NOW,
  );

  it("picks one of two keys", async () => {
    expect(await rolled(hs(CLAIMS, { ...HS, kid: "new" }))).toEqual(CARLA);
    expect(await rolled(hs(CLAIMS, { ...HS, kid: "old" }, OTHER_SECRET))).toEqual(CARLA);
  });

  it.each<[string, unknown]>([
    ["of the other key", "old"],
    ["that nobody has", "newer"],
    ["left out", undefined],
    ["empty", ""],
    ["that is a path", "../../../../dev/null"],
    ["that is SQL", "new' OR '1'='1"],
    ["of an object's prototype", "__proto__"],
    ["that is a list", ["new"]],
    ["that is an object", {}],
  ])("%s is refused with two keys", async (_name, kid) => {
    expect(await rolled(hs(CLAIMS, { ...HS, kid }))).toBeUndefined();
  });

  it("of a lone key may be left out, but not be another", async () => {
    const named = readerOf({ kind: "secret", kid: "new", value: SECRET });
    expect(await named(hs(CLAIMS))).toEqual(CARLA);
    expect(await named(hs(CLAIMS, { ...HS, kid: "new" }))).toEqual(CARLA);
    expect(await named(hs(CLAIMS, { ...HS, kid: "old" }))).toBeUndefined();
  });
});

describe("a key", () => {
  it("that is neither RSA nor Ed25519 is refused at the start", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(() => readerOf({ kind: "public", value: pem(publicKey) })).toThrow("SITE_JWT_PUBLIC_KEY");
  });
});
