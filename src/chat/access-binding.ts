/** Binds the policy to the broker's port: may the principal use this destination at all. */
import { can } from "./access-policy.ts";
import { refuse } from "./errors.ts";
import type { AccessPolicy } from "../broker/application-destination.ts";

export const accessPolicy: AccessPolicy = {
  refusalOf(principal, verb, destination) {
    const decision = can(principal, verb, destination);
    return decision.allowed ? undefined : refuse(decision.code, decision.detail);
  },
};
