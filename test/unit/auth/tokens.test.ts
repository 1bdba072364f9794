/** Guests' and customers' signed tokens: what is read, and the many that are not. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  createOpaqueToken,
  hashToken,
  randomId,
  SERVICE,
  SESSION,
  Tokens,
} from "../../../src/adapters/auth/tokens.ts";
import { flips, hs256, signedWith, unsigned } from "./jws.ts";

const KEY = Buffer.from("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "hex");
const ID = "3pX0m9TqkW2bYvN7cRj5Lg";
const NOW = Date.UTC(2026, 10, 24);
const SECONDS = NOW / 1000;
const DAY = 24 * 60 * 60;

const tokensAt = (now: number): Tokens => new Tokens(KEY, () => now);
const tokens = tokensAt(NOW);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

describe("a token of ours", () => {
  it("of a guest carries id and generation and lives 30 days", async () => {
    const token = await tokens.guest(ID, 7);
    expect(token).toMatch(/^cc_g\.[\w-]+\.[\w-]+\.[\w-]+$/);
    const expiresAt = NOW + 30 * DAY * 1000;
    const facts = { kind: "guest", id: ID, generation: 7, expiresAt };
    expect(await tokens.read(token)).toEqual(facts);
    expect(await tokensAt(expiresAt - 1000).read(token)).toEqual(facts);
    expect(await tokensAt(expiresAt).read(token)).toBeUndefined();
  });

  it("of a customer carries the id and lives 24 hours", async () => {
    const token = await tokens.customer(ID);
    expect(token).toMatch(/^cc_c\./);
    const expiresAt = NOW + DAY * 1000;
    const facts = { kind: "customer", id: ID, expiresAt };
    expect(await tokens.read(token)).toEqual(facts);
    expect(await tokensAt(expiresAt - 1000).read(token)).toEqual(facts);
    expect(await tokensAt(expiresAt).read(token)).toBeUndefined();
  });

  it("is of no worth where another key is used", async () => {
    const elsewhere = new Tokens(Buffer.alloc(32, 1), () => NOW);
    expect(await elsewhere.read(await tokens.guest(ID, 1))).toBeUndefined();
    expect(await elsewhere.read(await tokens.customer(ID))).toBeUndefined();
  });

  it("is read in one spelling only: no bit of it can be flipped", async () => {
    for (const token of [await tokens.guest(ID, 1), await tokens.customer(ID)]) {
      const read = await Promise.all(flips(token).map((flipped) => tokens.read(flipped)));
      expect(read.filter((facts) => facts !== undefined)).toEqual([]);
    }
  });

  it("cannot be cut short anywhere", async () => {
    const token = await tokens.guest(ID, 1);
    for (let length = 0; length < token.length; length += 1) {
      expect(await tokens.read(token.slice(0, length)), String(length)).toBeUndefined();
    }
  });
});

const HEADER = { alg: "HS256", typ: "guest" };
const CLAIMS = { sub: ID, gen: 1, iat: SECONDS, exp: SECONDS + DAY };
const good = hs256(HEADER, CLAIMS, KEY);
const guest = (header: object, claims: object, key: string | Uint8Array = KEY): string =>
  `cc_g.${hs256(header, claims, key)}`;

describe("a token made by hand", () => {
  it("is read when everything is right, so that the refusals below have one cause each", async () => {
    expect(await tokens.read(`cc_g.${good}`)).toMatchObject({ kind: "guest", id: ID, generation: 1 });
  });

  it.each<[string, string]>([
    ["expired", guest(HEADER, { ...CLAIMS, exp: SECONDS - 1 })],
    ["not yet valid", guest(HEADER, { ...CLAIMS, nbf: SECONDS + 120 })],
    ["without expiry", guest(HEADER, { ...CLAIMS, exp: undefined })],
    ["with a text as expiry", guest(HEADER, { ...CLAIMS, exp: String(SECONDS + DAY) })],
    ["without iat", guest(HEADER, { ...CLAIMS, iat: undefined })],
    ["without sub", guest(HEADER, { ...CLAIMS, sub: undefined })],
    ["with a number as sub", guest(HEADER, { ...CLAIMS, sub: 1 })],
    ["with an empty sub", guest(HEADER, { ...CLAIMS, sub: "" })],
    ["without generation", guest(HEADER, { ...CLAIMS, gen: undefined })],
    ["with a text as generation", guest(HEADER, { ...CLAIMS, gen: "1" })],
    ["with a broken generation", guest(HEADER, { ...CLAIMS, gen: 1.5 })],
    ["with an endless generation", guest(HEADER, { ...CLAIMS, gen: 1e300 })],
    ["signed with a wrong secret", guest(HEADER, CLAIMS, "0123456789abcdef0123456789abcdef")],
    ["signed with an empty secret", guest(HEADER, CLAIMS, "")],
    ["with alg none", `cc_g.${unsigned({ ...HEADER, alg: "none" }, CLAIMS)}`],
    ["with alg None", `cc_g.${unsigned({ ...HEADER, alg: "None" }, CLAIMS)}`],
    ["with alg HS256 and no signature", `cc_g.${unsigned(HEADER, CLAIMS)}`],
    ["that says alg HS512", guest({ ...HEADER, alg: "HS512" }, CLAIMS)],
    ["without alg", guest({ typ: "guest" }, CLAIMS)],
    ["signed with RS256", `cc_g.${signedWith({ ...HEADER, alg: "RS256" }, CLAIMS, privateKey)}`],
    ["of the other kind under this prefix", guest({ ...HEADER, typ: "customer" }, CLAIMS)],
    ["of this kind under the other prefix", `cc_c.${good}`],
    ["without kind", guest({ alg: "HS256" }, CLAIMS)],
    ["of kind JWT", guest({ ...HEADER, typ: "JWT" }, CLAIMS)],
    ["without prefix", good],
    ["with an unknown prefix", `cc_x.${good}`],
    ["with the prefix in capitals", `CC_G.${good}`],
    ["with the prefix twice", `cc_g.cc_g.${good}`],
    ["with kid", guest({ ...HEADER, kid: "1" }, CLAIMS)],
    ["with jwk", guest({ ...HEADER, jwk: { kty: "oct", k: "AAAA" } }, CLAIMS)],
    ["with jku", guest({ ...HEADER, jku: "https://evil.example/keys" }, CLAIMS)],
    ["with x5u", guest({ ...HEADER, x5u: "https://evil.example/key" }, CLAIMS)],
    ["with crit", guest({ ...HEADER, crit: ["exp"] }, CLAIMS)],
    ["with an unencoded payload", guest({ ...HEADER, b64: false, crit: ["b64"] }, CLAIMS)],
    ["with padding", `cc_g.${good}=`],
    ["with white space behind it", `cc_g.${good} `],
    ["with a line end in it", `cc_g.${good.slice(0, -4)}\n${good.slice(-4)}`],
    ["with a fourth part", `cc_g.${good}.e30`],
    ["with two parts", `cc_g.${good.slice(0, good.lastIndexOf("."))}`],
    ["whose header is no JSON", `cc_g.${hs256("no JSON", CLAIMS, KEY)}`],
    ["whose payload is no JSON", `cc_g.${hs256(HEADER, "no JSON", KEY)}`],
    ["whose payload is an array", `cc_g.${hs256(HEADER, "[]", KEY)}`],
    ["of 10 KiB", guest(HEADER, { ...CLAIMS, more: "x".repeat(10_240) })],
    ["of dots", `cc_g.${".".repeat(4000)}`],
    ["of nothing", ""],
    ["that is a prefix alone", "cc_g."],
  ])("%s is not read", async (_name, token) => {
    expect(await tokens.read(token)).toBeUndefined();
  });
});

describe("opaque tokens and ids", () => {
  it("are 256 and 128 random bits", () => {
    expect(createOpaqueToken(SESSION)).toMatch(/^cc_s_[\w-]{43}$/);
    expect(createOpaqueToken(SERVICE)).toMatch(/^cc_v_[\w-]{43}$/);
    expect(randomId()).toMatch(/^[\w-]{22}$/);
    expect(new Set(Array.from({ length: 1000 }, randomId)).size).toBe(1000);
  });

  it("are hashed to what does not contain them", () => {
    const token = createOpaqueToken(SESSION);
    expect(hashToken(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashToken(token)).not.toBe(hashToken(`${token} `));
  });
});
