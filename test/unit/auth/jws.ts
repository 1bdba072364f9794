/** Signed tokens made by hand, also such as no library would make. */
import { createHmac, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

const encode = (part: object | string): string =>
  Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");

/** HS256 over exactly this header and payload; a string is taken as the JSON text. */
export function hs256(header: object | string, payload: object | string, key: string | Uint8Array): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

/** RS256 with an RSA key, EdDSA with an Ed25519 key. */
export function signedWith(header: object, payload: object | string, key: KeyObject): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const digest = key.asymmetricKeyType === "rsa" ? "sha256" : null;
  return `${input}.${sign(digest, Buffer.from(input), key).toString("base64url")}`;
}

/** No signature at all. */
export function unsigned(header: object, payload: object): string {
  return `${encode(header)}.${encode(payload)}.`;
}

/** Every spelling that differs in one bit of one character, as far as the character stays printable. */
export function flips(token: string): string[] {
  return [...token].flatMap((character, index) =>
    [1, 2, 4, 8, 16, 32]
      .map((bit) => String.fromCharCode(character.charCodeAt(0) ^ bit))
      .map((other) => token.slice(0, index) + other + token.slice(index + 1)),
  );
}
