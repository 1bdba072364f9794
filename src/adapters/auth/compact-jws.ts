/** The one spelling of a signed token: what decoders forgive beyond it would give one token many texts. */

/** Whether the text is three parts of base64url without padding, white space or bits that mean nothing. */
export function isCompactJws(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 3 && parts.every((part) => part !== "" && isCanonical(part));
}

function isCanonical(part: string): boolean {
  return Buffer.from(part, "base64url").toString("base64url") === part;
}
