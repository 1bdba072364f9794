/** What people are called, with or without a name. */
import type { PublicPrincipal } from "../../chat/wire.ts";

/** They would turn the words around a name. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** The name, or one that stays the same for the same visitor. */
export function nameOf(user: Pick<PublicPrincipal, "id" | "kind" | "name" | "erased">): string {
  if (user.erased === true) return "Erased customer";
  const name = user.name?.replaceAll(DIRECTIONS, "") ?? "";
  if (VISIBLE.test(name)) return name;
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
