/** What people are called, with or without a name. */
import type { PublicPrincipal } from "../../chat/wire.ts";

/** The name, or one that stays the same for the same visitor. */
export function nameOf(user: Pick<PublicPrincipal, "id" | "kind" | "name" | "erased">): string {
  if (user.erased === true) return "Erased customer";
  if (user.name !== undefined && user.name !== "") return user.name;
  const tail = user.id
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .slice(-4)
    .toUpperCase();
  return user.kind === "agent"
    ? `Agent ${tail}`
    : user.kind === "service"
      ? `Bot ${tail}`
      : `Visitor ${tail}`;
}
