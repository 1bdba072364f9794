/** The key of HS256 in the one form that jose takes as it is: all others it imports anew for each token. */
import type { KeyObject, webcrypto } from "node:crypto";

export function hmacKey(secret: KeyObject): webcrypto.CryptoKey {
  return secret.toCryptoKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}
