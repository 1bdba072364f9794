/** The host site of a run, whose guests become its customers. */
import { SignJWT } from "jose";

const SECRET = "a secret that the site shares with the chat";
const AUDIENCE = "shop";

/** For the server's environment. */
export const SITE = { SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: AUDIENCE };

/** Says that who shows it is this user of the site. */
export function siteToken(subject: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(SECRET));
}
