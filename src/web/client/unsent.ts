/** Whose messages on their way a page may send that others have left. */
import type { PublicPrincipal } from "../../chat/wire.ts";

/** What a guest has not sent the customer sends whom the guest has become; nobody sends what another one has not. */
export function isOfAnother(owner: PublicPrincipal | undefined, me: PublicPrincipal | undefined): boolean {
  if (owner === undefined || owner.id === me?.id) return false;
  return owner.kind !== "guest" || me?.kind !== "customer";
}
