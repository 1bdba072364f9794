/** What every ChatStore does; each implementation runs it. */
import { accountContract } from "./account-contract.ts";
import { auditContract } from "./audit-contract.ts";
import { blockContract } from "./block-contract.ts";
import { conversationContract } from "./conversation-contract.ts";
import { erasureContract } from "./erasure-contract.ts";
import { mailboxContract } from "./mailbox-contract.ts";
import { postContract } from "./post-contract.ts";
import { searchContract } from "./search-contract.ts";
import { teamContract } from "./team-contract.ts";
import type { OpenStore } from "./desk.ts";

export function storeContract(name: string, open: OpenStore): void {
  postContract(name, open);
  conversationContract(name, open);
  mailboxContract(name, open);
  accountContract(name, open);
  teamContract(name, open);
  searchContract(name, open);
  erasureContract(name, open);
  auditContract(name, open);
  blockContract(name, open);
}
