/** What every ChatStore writes down of agents, admins and operators, and how it is read and dropped again. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { AuditLine } from "../../src/chat/audit.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

const START = { at: 0, key: 0 };
const ADDRESS = "203.0.113.9";
const TEXT = "a text that nobody may find";

export function auditContract(name: string, open: OpenStore): void {
  describe(`${name}, audited`, () => {
    let store: ChatStore;
    let desk: Desk;
    let guest: Principal;
    let anna: Principal;
    let boss: Principal;

    beforeEach(async () => {
      store = await open();
      desk = new Desk(store);
      guest = desk.guest();
      anna = await desk.agent();
      boss = await desk.agent("supervisor");
      desk.now += 1;
    });
    afterEach(async () => {
      await store.close();
    });

    const lines = async (user?: string): Promise<readonly AuditLine[]> => {
      const about = user === undefined ? {} : { user };
      return (await store.execute("auditPage", { after: START, limit: 1000, ...about })).lines;
    };
    /** What was written since the people came. */
    const told = async (): Promise<unknown[]> =>
      (await lines())
        .filter(({ at }) => at === desk.now)
        .map(({ actor, action, user, object, detail }) =>
          [actor, action, user, object, detail].map((part) => part ?? "-").join(" "),
        );
    const by = (principal: Principal): { principal: Principal; address: string; now: number } => ({
      principal,
      address: ADDRESS,
      now: desk.now,
    });
    const add = (line: Partial<AuditLine>): Promise<null> =>
      store.execute("recordAudit", {
        lines: [{ at: desk.now, actor: anna.id, action: "search", outcome: "done", ...line }],
      });

    it("a chat's commands leave a line each, with the address and without a text", async () => {
      const { conversation } = await desk.post(guest, "support", TEXT);
      await store.execute("claim", { ...by(anna), conversation });
      await store.execute("claim", { ...by(anna), conversation });
      await store.execute("writeNote", { ...by(anna), conversation, text: TEXT, noteId: newId() });
      const note = { id: newId(), text: TEXT };
      await store.execute("transfer", { ...by(anna), conversation, to: boss.id, online: true, note });
      await store.execute("release", { ...by(boss), conversation });
      await store.execute("close", { ...by(boss), conversation });
      await store.execute("close", { ...by(boss), conversation });
      expect(await told()).toEqual([
        `${anna.id} claim ${guest.id} ${conversation} -`,
        `${anna.id} note ${guest.id} ${conversation} -`,
        `${anna.id} note ${guest.id} ${conversation} -`,
        `${anna.id} transfer ${guest.id} ${conversation} to ${boss.id}`,
        `${boss.id} release ${guest.id} ${conversation} -`,
        `${boss.id} close ${guest.id} ${conversation} -`,
      ]);
      expect((await lines(boss.id)).at(-1)).toMatchObject({
        address: ADDRESS,
        outcome: "done",
        at: desk.now,
      });
      expect(JSON.stringify(await lines())).not.toContain(TEXT);
    });

    it("a first message is an invitation, a claim or a supervisor's joining; the next ones are none", async () => {
      const { conversation } = await desk.post(guest, "support", "hello");
      for (const text of ["hi", "you"]) await desk.post(anna, guest.id, text, { address: ADDRESS });
      for (const text of ["and", "me"]) await desk.post(boss, guest.id, text);
      await store.execute("close", { ...by(guest), conversation });
      await store.execute("invite", { sender: boss, to: guest.id, conversationId: newId(), now: desk.now });
      expect(await told()).toEqual([
        `${anna.id} claim ${guest.id} ${conversation} -`,
        `${boss.id} join ${guest.id} ${conversation} -`,
        `${boss.id} invite ${guest.id} ${conversation} -`,
      ]);
    });

    it("what the team keeps leaves a line where it changes something", async () => {
      const canned = { shortcut: "hi", text: TEXT };
      for (const _twice of [1, 2]) {
        await store.execute("saveCannedResponse", { ...by(anna), ...canned });
        await store.execute("setStatus", { ...by(anna), status: "away" });
      }
      await store.execute("deleteCannedResponse", { ...by(anna), shortcut: "hi" });
      expect(await told()).toEqual([
        `${anna.id} save-canned-response - hi -`,
        `${anna.id} status - - away`,
        `${anna.id} delete-canned-response - hi -`,
      ]);
    });

    it("accounts, sessions and erasures do; hashes are in no line", async () => {
      const agent = { id: newId(), login: "carl", role: "admin", passcodeHash: "hash" } as const;
      await store.execute("addAgent", { ...agent, actor: "operator", now: desk.now });
      const service = { id: newId(), login: "bot", scopes: ["chat", "api"], tokenHash: "hash" } as const;
      await store.execute("addService", { ...service, actor: "operator", now: desk.now });
      const dora = { id: newId(), login: "dora", now: desk.now };
      await store.execute("admitAgent", dora);
      await store.execute("admitAgent", { ...dora, role: "admin" });
      await store.execute("admitAgent", dora);
      const session = { hash: "hash", address: ADDRESS, now: desk.now };
      await store.execute("startLoginSession", { ...session, user: anna.id });
      await store.execute("endLoginSession", session);
      await store.execute("endLoginSession", session);
      const account = { account: "bot", actor: "operator", now: desk.now } as const;
      const deeds = ["disable", "disable", "enable", "enable", "signOut"] as const;
      for (const deed of deeds) await store.execute(deed, account);
      await store.execute("rotateToken", { ...account, tokenHash: "hash of another" });
      await store.execute("setPasscode", { ...account, account: anna.id, passcodeHash: "hash of another" });
      await store.execute("startLoginSession", { ...session, user: anna.id });
      const laptop = { account: anna.id, session: "hash", actor: "operator", now: desk.now } as const;
      await store.execute("endOneLogin", laptop);
      await expect(store.execute("endOneLogin", laptop)).rejects.toThrow();
      await desk.post(guest, "support", "hello");
      for (const _twice of [1, 2]) await store.execute("beginErasure", { customer: guest.id, now: desk.now });
      expect(await told()).toEqual([
        "operator add-agent carl - admin",
        "operator add-service bot - chat,api",
        "program add-agent dora - agent",
        "program change-agent dora - admin",
        `${anna.id} sign-in - - -`,
        `${anna.id} sign-out - - -`,
        "operator disable bot - -",
        "operator enable bot - -",
        "operator sign-out bot - -",
        "operator rotate-token bot - -",
        `operator set-passcode ${anna.id} - -`,
        `${anna.id} sign-in - - -`,
        `operator sign-out ${anna.id} - one login`,
        `operator erase-customer ${guest.id} - -`,
      ]);
      expect(JSON.stringify(await lines())).not.toContain("hash");
    });

    it("nothing that was refused is written, and nothing of a transaction that was", async () => {
      const { conversation } = await desk.post(guest, "support", "hello");
      const close = { ...by(anna), conversation };
      await expect(store.execute("close", close)).rejects.toMatchObject({ code: "FORBIDDEN" });
      const steps = [
        { name: "claim", input: close },
        { name: "claim", input: { ...close, conversation: newId() } },
      ] as const;
      await expect(store.execute("transaction", { steps })).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(await told()).toEqual([]);
      await store.execute("transaction", { steps: [steps[0]] });
      expect(await told()).toHaveLength(1);
    });

    it("is read by time in pages, and by who did it or on whom", async () => {
      for (const [index, object] of ["c", "a", "b"].entries()) {
        await add({ at: desk.now + 1 + (index === 0 ? 1 : 0), object, times: index + 1 });
      }
      await add({ at: desk.now + 5, actor: "unknown", user: anna.id, outcome: "AUTH_FAILED" });
      const seen: string[] = [];
      let after: { at: number; key: number } | undefined = { at: desk.now, key: Number.MAX_SAFE_INTEGER };
      while (after !== undefined) {
        const page: { lines: readonly AuditLine[]; next?: { at: number; key: number } } = await store.execute(
          "auditPage",
          { after, limit: 2 },
        );
        seen.push(
          ...page.lines.map(({ object, times, outcome }) => `${object ?? ""}${times ?? ""}${outcome}`),
        );
        after = page.next;
      }
      expect(seen).toEqual(["a2done", "b3done", "c1done", "AUTH_FAILED"]);
      expect((await lines(anna.id)).map(({ actor }) => actor)).toEqual([
        "server",
        anna.id,
        anna.id,
        anna.id,
        "unknown",
      ]);
      expect(await lines(boss.id)).toHaveLength(1);
    });

    it("drops what is older than a time, the oldest first, and nothing else", async () => {
      const before = desk.now + 3;
      for (const at of [2, 1, 3, 4]) await add({ at: desk.now + at, object: String(at) });
      const prune = (limit: number): Promise<number> => store.execute("pruneAudit", { before, limit });
      expect(await prune(3)).toBe(3);
      expect((await lines()).map(({ object }) => object)).toEqual(["2", "3", "4"]);
      expect(await prune(3)).toBe(1);
      expect(await prune(3)).toBe(0);
      expect((await lines()).map(({ object }) => object)).toEqual(["3", "4"]);
    });
  });
}
