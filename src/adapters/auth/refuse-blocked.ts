/** Whoever is blocked is told so at CONNECT, however they have proved who they are. */
import { Disconnect } from "../../broker/errors.ts";
import { isCustomer } from "../../chat/access-policy.ts";
import { guestNetworkOf } from "../../broker/network.ts";
import type { Authenticator } from "../../broker/authenticator.ts";
import type { ChatStore } from "../../chat/store.ts";

/** The same authenticator, which rejects with SENDER_BLOCKED for those whom the store has blocked. */
export function refuseBlocked(authenticator: Authenticator, store: ChatStore): Authenticator {
  return {
    authenticate: async (credentials, remoteAddress) => {
      const authentication = await authenticator.authenticate(credentials, remoteAddress);
      const { principal } = authentication;
      if (!isCustomer(principal)) return authentication;
      const network = principal.kind === "guest" ? { network: guestNetworkOf(remoteAddress) } : {};
      if (await store.execute("isBlocked", { user: principal.id, ...network })) {
        throw Disconnect.of("SENDER_BLOCKED");
      }
      return authentication;
    },
  };
}
