/** What every ChatStore does with those who are blocked. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { BlockInput } from "../../src/chat/operations/blocks.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

const NETWORK = "203.0.113.9/32";

export function blockContract(name: string, open: OpenStore): void {
  describe(`${name}, blocking`, () => {
    let store: ChatStore;
    let desk: Desk;
    let guest: Principal;
    let anna: Principal;
    let conversation: string;

    beforeEach(async () => {
      store = await open();
      desk = new Desk(store);
      guest = desk.guest();
      anna = await desk.agent();
      ({ conversation } = await desk.post(guest, "support", "hello"));
    });
    afterEach(async () => {
      await store.close();
    });

    const block = (user: string, more: Partial<BlockInput> = {}): Promise<null> =>
      store.execute("block", { principal: anna, user, networks: [], now: desk.now, ...more });
    const unblock = (user: string): Promise<null> =>
      store.execute("unblock", { principal: anna, user, now: desk.now });
    const isBlocked = (user: string, network?: string): Promise<boolean> =>
      store.execute("isBlocked", { user, ...(network === undefined ? {} : { network }) });
    const code = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => "done",
        (error: unknown) => (error as { code?: unknown }).code,
      );
    const actions = async (): Promise<unknown[]> =>
      (await store.execute("auditPage", { after: { at: 0, key: 0 }, limit: 100 })).lines
        .filter(({ action }) => action !== "add-agent")
        .map(({ action, user, detail }) => [action, user, detail]);

    it("keeps what the blocked one sends out, lets others in, and ends with unblock; each is told and written down once", async () => {
      for (const _twice of [1, 2]) await block(guest.id);
      expect(await code(desk.post(guest, "support", "again"))).toBe("FORBIDDEN");
      expect(await isBlocked(guest.id)).toBe(true);
      expect(await code(desk.post(desk.guest(), "support", "another"))).toBe("done");
      const standing = await store.execute("conversation", { principal: anna, id: conversation });
      expect(standing.conversation.customer).toEqual({ id: guest.id, kind: "guest", blocked: true });
      for (const _twice of [1, 2]) await unblock(guest.id);
      expect(await code(desk.post(guest, "support", "again"))).toBe("done");
      const told = desk.facts.map(({ fact }) => fact).filter(({ type }) => type.startsWith("customer."));
      const by = { id: anna.id, kind: "agent", role: "agent" };
      expect(told).toEqual([
        {
          type: "customer.blocked",
          user: { id: guest.id, kind: "guest", blocked: true },
          by,
          users: [guest.id],
          networks: [],
        },
        { type: "customer.unblocked", user: { id: guest.id, kind: "guest" }, by },
      ]);
      expect(await actions()).toEqual([
        ["block", guest.id, undefined],
        ["unblock", guest.id, undefined],
      ]);
    });

    it("keeps guests of the same network out until the last who was blocked with it is unblocked", async () => {
      const other = desk.guest();
      await desk.post(other, "support", "hello");
      await block(guest.id, { networks: [NETWORK] });
      await block(other.id, { networks: [NETWORK] });
      const stranger = newId();
      expect([await isBlocked(stranger, NETWORK), await isBlocked(stranger, "203.0.113.8/32")]).toEqual([
        true,
        false,
      ]);
      expect(await isBlocked(stranger)).toBe(false);
      await unblock(guest.id);
      expect(await isBlocked(stranger, NETWORK)).toBe(true);
      await unblock(other.id);
      expect(await isBlocked(stranger, NETWORK)).toBe(false);
    });

    it("keeps the reason as a private note, and refuses one that has no place", async () => {
      await block(guest.id, { reason: { id: newId(), text: "spam" } });
      const notes = await store.execute("notes", { principal: anna, conversation, limit: 50 });
      expect(notes.map(({ note }) => note)).toEqual(["spam"]);
      const connected = { principal: desk.guest() };
      const user = connected.principal.id;
      const reason = { id: newId(), text: "spam" };
      expect(await code(block(user, { connected, reason }))).toBe("CONFLICT");
      expect(await isBlocked(user)).toBe(false);
      await block(user, { connected });
      expect(await isBlocked(user)).toBe(true);
    });

    it("is for the team, and for guests and customers", async () => {
      for (const ask of [block, unblock]) {
        expect(await code(ask(anna.id))).toBe("FORBIDDEN_RECEIVER");
        expect(await code(ask(newId()))).toBe("UNKNOWN_USER");
      }
      const asGuest = { principal: guest, now: desk.now };
      expect(await code(block(guest.id, asGuest))).toBe("FORBIDDEN");
      expect(await code(store.execute("unblock", { ...asGuest, user: guest.id }))).toBe("FORBIDDEN");
    });

    it("lets no agent begin a chat with who is blocked, but write in one that is open", async () => {
      await block(guest.id);
      expect(await code(desk.post(anna, guest.id, "why?"))).toBe("done");
      await store.execute("close", { principal: anna, conversation, now: desk.now });
      expect(await code(desk.post(anna, guest.id, "and?"))).toBe("FORBIDDEN_RECEIVER");
    });

    it("goes with a guest who signs in, by whichever id, and is gone with one who is erased", async () => {
      await block(guest.id, { networks: [NETWORK] });
      const entry = { id: newId(), subject: "u1", now: desk.now };
      const customer = await store.execute("identify", { ...entry, guest: { id: guest.id, generation: 0 } });
      const ids = [guest.id, customer?.id ?? ""];
      expect(await Promise.all(ids.map((id) => isBlocked(id)))).toEqual([true, true]);
      const user = { id: ids[1], kind: "customer", verified: true, blocked: true };
      const told = desk.facts.map(({ fact }) => fact).filter(({ type }) => type === "customer.blocked");
      expect(told[1]).toEqual({ type: "customer.blocked", user, users: [ids[1]], networks: [] });
      await unblock(guest.id);
      expect(await Promise.all(ids.map((id) => isBlocked(id)))).toEqual([false, false]);
      expect(await isBlocked(newId(), NETWORK)).toBe(false);
      await block(ids[1] ?? "", { networks: [NETWORK] });
      await store.execute("beginErasure", { customer: guest.id, now: desk.now });
      expect(await isBlocked(newId(), NETWORK)).toBe(false);
    });
  });
}
