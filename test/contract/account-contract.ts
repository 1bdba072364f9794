/** What every ChatStore keeps of accounts: logins, tokens, roles, identities. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { codeOf, Desk, newId } from "./desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { OpenStore } from "./desk.ts";

const HOUR = 3_600_000;

export function accountContract(name: string, open: OpenStore): void {
  describe(name, () => {
    let store: ChatStore;
    let desk: Desk;

    beforeEach(async () => {
      store = await open();
      desk = new Desk(store);
    });
    afterEach(async () => {
      await store.close();
    });

    describe("an account", () => {
      it("of an agent whom somebody else authenticates is made once, and is as it was said last", async () => {
        const boris = { id: newId(), login: "boris", now: desk.now };
        const made = { id: boris.id, kind: "agent", role: "agent", name: "boris", login: "boris" };
        expect(await store.execute("admitAgent", boris)).toMatchObject(made);
        const promoted = { ...boris, id: newId(), role: "admin" as const, name: "Boris" };
        expect(await store.execute("admitAgent", promoted)).toMatchObject({ id: boris.id, role: "admin" });
        const again = await store.execute("admitAgent", { ...boris, id: newId() });
        expect(again).toMatchObject({ ...made, role: "admin", name: "Boris" });
        expect(await store.execute("userById", { id: boris.id })).toEqual(again);
        const service = {
          id: newId(),
          login: "bot",
          scopes: ["chat" as const],
          tokenHash: "-",
          now: desk.now,
        };
        await store.execute("addService", service);
        expect(await codeOf(store.execute("admitAgent", { ...boris, login: "bot" }))).toBe("CONFLICT");
      });

      it("is found by login and by token, and its name is taken once", async () => {
        const agent = {
          id: newId(),
          login: "anna",
          role: "agent" as const,
          passcodeHash: "hash",
          now: desk.now,
        };
        await store.execute("addAgent", agent);
        expect(await store.execute("userByLogin", { login: "anna" })).toMatchObject({
          id: agent.id,
          passcodeHash: "hash",
        });
        expect(await codeOf(store.execute("addAgent", { ...agent, id: newId() }))).toBe("CONFLICT");
        const service = {
          id: newId(),
          login: "bot",
          scopes: ["chat" as const],
          tokenHash: "t",
          now: desk.now,
        };
        await store.execute("addService", service);
        expect(await store.execute("userByTokenHash", { hash: "t" })).toMatchObject({
          id: service.id,
          scopes: ["chat"],
        });
        expect((await store.execute("accounts", null)).map(({ login }) => login)).toEqual(["anna", "bot"]);
      });

      it("keeps a login session for 30 idle minutes and 12 hours in all", async () => {
        const anna = await desk.agent();
        await store.execute("startLoginSession", { hash: "s", user: anna.id, now: desk.now });
        const isLive = async (after: number): Promise<boolean> => {
          const use = { hash: "s", now: desk.now + after };
          await store.execute("useLoginSession", use);
          return (await store.execute("liveLoginSession", use)) !== undefined;
        };
        for (let minutes = 29; minutes < 720; minutes += 29)
          expect(await isLive(minutes * 60_000)).toBe(true);
        expect(await isLive(12 * HOUR)).toBe(false);
        await store.execute("startLoginSession", { hash: "s", user: anna.id, now: desk.now });
        expect(await isLive(30 * 60_000)).toBe(false);
        await store.execute("startLoginSession", { hash: "s", user: anna.id, now: desk.now });
        expect(await store.execute("endLoginSession", { hash: "s", now: desk.now })).toBe(true);
        expect(await isLive(0)).toBe(false);
        expect(desk.facts.at(-1)?.fact).toEqual({
          type: "credentials.revoked",
          user: anna.id,
          credentialId: "s",
        });
      });

      it("lists its login sessions, and ends the one that is named: the others go on", async () => {
        const [anna, bert] = [await desk.agent(), await desk.agent()];
        const [old, fresh, others] = ["0123456789", "fedcba9876", "99999999"].map((hash) => ({ hash }));
        const at = desk.now;
        await store.execute("startLoginSession", { ...old!, user: anna.id, address: "192.0.2.1", now: at });
        await store.execute("startLoginSession", { ...fresh!, user: anna.id, now: at + 1000 });
        await store.execute("startLoginSession", { ...others!, user: bert.id, now: at });
        const use = { ...old!, now: at + 60_000 };
        await store.execute("useLoginSession", use);
        const listed = (): Promise<unknown> => store.execute("loginSessions", { account: anna.id });
        const [first, second] = [
          {
            id: "01234567",
            createdAt: at,
            usedAt: use.now,
            expiresAt: use.now + HOUR / 2,
            address: "192.0.2.1",
          },
          { id: "fedcba98", createdAt: at + 1000, usedAt: at + 1000, expiresAt: at + 1000 + HOUR / 2 },
        ];
        expect(await listed()).toEqual([first, second]);

        const end = (session: string): Promise<unknown> =>
          store.execute("endOneLogin", { account: anna.id, session, actor: "operator", now: use.now });
        expect(await codeOf(end("99999999"))).toBe("NOT_FOUND");
        expect(await codeOf(end(""))).toBe("NOT_FOUND");
        const told = desk.facts.length;
        expect(await end("01234567")).toMatchObject({ id: anna.id });
        expect(desk.facts.slice(told).map(({ fact }) => fact)).toEqual([
          { type: "credentials.revoked", user: anna.id, credentialId: old!.hash },
        ]);
        expect(await listed()).toEqual([second]);
        expect(await codeOf(end("01234567"))).toBe("NOT_FOUND");
        for (const { hash } of [fresh!, others!])
          expect(await store.execute("liveLoginSession", { hash, now: at + 1000 })).toBeDefined();
        expect(await codeOf(store.execute("loginSessions", { account: "nobody" }))).toBe("UNKNOWN_USER");
      });

      it("of a service gets another token, and the one before is nobody's", async () => {
        const service = { id: newId(), login: "bot", scopes: ["chat" as const], now: desk.now };
        await store.execute("addService", { ...service, tokenHash: "one" });
        const anna = await desk.agent();
        const rotate = (account: string): Promise<unknown> =>
          store.execute("rotateToken", { account, tokenHash: "two", actor: "operator", now: desk.now });
        for (const account of [anna.id, "nobody"]) expect(await codeOf(rotate(account))).toBe("UNKNOWN_USER");
        const told = desk.facts.length;
        await rotate("bot");
        expect(desk.facts.slice(told).map(({ fact }) => fact)).toEqual([
          { type: "credentials.revoked", user: service.id, credentialId: "one" },
        ]);
        expect(await store.execute("userByTokenHash", { hash: "one" })).toBeUndefined();
        expect(await store.execute("userByTokenHash", { hash: "two" })).toMatchObject({ id: service.id });
      });

      it("of an agent gets another passcode, and every login session of the one before is over", async () => {
        const anna = await desk.agent();
        await store.execute("startLoginSession", { hash: "laptop", user: anna.id, now: desk.now });
        await store.execute("addService", {
          id: newId(),
          login: "bot",
          scopes: ["chat" as const],
          tokenHash: "one",
          now: desk.now,
        });
        const set = (account: string): Promise<unknown> =>
          store.execute("setPasscode", {
            account,
            passcodeHash: "another",
            actor: "operator",
            now: desk.now,
          });
        for (const account of ["bot", "nobody"]) expect(await codeOf(set(account))).toBe("UNKNOWN_USER");
        const told = desk.facts.length;
        expect(await set(anna.id)).toMatchObject({ id: anna.id, passcodeHash: "another" });
        expect(desk.facts.slice(told).map(({ fact }) => fact)).toEqual([
          { type: "credentials.revoked", user: anna.id },
        ]);
        expect(await store.execute("liveLoginSession", { hash: "laptop", now: desk.now })).toBeUndefined();
      });

      it("of a guest ends a token's generation a minute after the next one was used", async () => {
        const guest = desk.guest();
        const use = async (generation: number, after = 0): Promise<boolean> => {
          const input = { id: guest.id, generation, now: desk.now + after };
          const state = await store.execute("guestTokenState", input);
          const isValid = await store.execute("useGuestToken", input);
          expect(isValid).toBe(state !== "dead");
          return isValid;
        };
        expect([await use(0), await use(7), await use(0)]).toEqual([true, true, true]);
        await desk.post(guest, "support", "now there is a row", { generation: 1 });
        expect([await use(1), await use(2)]).toEqual([true, true]);
        expect([await use(1, 59_000), await use(1, 60_000), await use(2, 60_000), await use(0)]).toEqual([
          true,
          false,
          true,
          false,
        ]);
      });

      it("takes a guest over with the open conversation, whole", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1", { clientId: "c" });
        await desk.claim(anna, conversation);
        const input = {
          id: newId(),
          subject: "carla",
          name: "Carla",
          guest: { id: guest.id, generation: 0 },
          now: desk.now,
        };
        const id = (await store.execute("identify", input))?.id ?? "";
        const customer: Principal = { id, kind: "customer" };
        expect(await desk.texts(customer)).toEqual(["1"]);
        expect(await desk.post(customer, anna.id, "2")).toMatchObject({ conversation, seq: 2 });
        expect((await desk.post(customer, "support", "1", { clientId: "c" })).repeated).toBe(true);
        expect(await store.execute("useGuestToken", { id: guest.id, generation: 0, now: desk.now })).toBe(
          false,
        );
        expect(desk.types()).toContain("customer.identified");
        expect(await store.execute("identify", { ...input, id: newId() })).toMatchObject({ id });
        expect(
          await store.execute("identify", { ...input, id: newId(), subject: "mallory" }),
        ).toBeUndefined();
        expect(await desk.texts(customer)).toEqual(["1", "2"]);
      });

      it("keeps the marks of the guest: what was delivered and read is that still", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        await desk.claim(anna, conversation);
        for (const text of ["2", "3", "4"]) await desk.post(anna, guest.id, text);
        await store.execute("delivered", { user: guest.id, offset: 3, seqs: [[conversation, 3]] });
        await store.execute("read", { principal: guest, conversation, seq: 2, now: desk.now });
        expect(await desk.standing(anna, conversation)).toMatchObject({ deliveredSeq: 3, readSeq: 2 });
        await desk.post(guest, "support", "5");
        const [beforeForAnna, beforeForGuest] = [
          await desk.standing(anna, conversation),
          await desk.standing(guest, conversation),
        ];
        expect(beforeForGuest.readSeq).toBe(4);
        const carla = {
          id: newId(),
          subject: "carla",
          guest: { id: guest.id, generation: 0 },
          now: desk.now,
        };
        const id = (await store.execute("identify", carla))?.id ?? "";
        expect(await desk.standing(anna, conversation)).toEqual(beforeForAnna);
        expect(await desk.standing({ id, kind: "customer" }, conversation)).toEqual(beforeForGuest);
      });

      it("goes on in the guest's conversation, not in a newer one of the customer in which nobody ever wrote", async () => {
        const [guest, anna] = [desk.guest(), await desk.agent()];
        const { conversation } = await desk.post(guest, "support", "1");
        const carla = { id: newId(), subject: "carla", now: desk.now };
        const id = (await store.execute("identify", carla))?.id ?? "";
        const customer: Principal = { id, kind: "customer" };
        const invitation = { sender: anna, to: id, conversationId: newId(), now: desk.now };
        const empty = await store.execute("invite", invitation);
        await store.execute("close", { principal: anna, conversation: empty.conversation, now: desk.now });
        await store.execute("identify", { ...carla, guest: { id: guest.id, generation: 0 } });
        expect(await desk.post(customer, "support", "2")).toMatchObject({ conversation, seq: 2 });
        expect(await desk.standing(customer, empty.conversation)).toMatchObject({
          state: "closed",
          lastSeq: 0,
        });
        expect(await desk.standing(customer, conversation)).toMatchObject({ state: "waiting", lastSeq: 2 });
      });

      it("closes the guest's conversation as merged where the customer has one", async () => {
        const guest = desk.guest();
        const carla = { id: newId(), subject: "carla", now: desk.now };
        const id = (await store.execute("identify", carla))?.id ?? "";
        const customer: Principal = { id, kind: "customer" };
        await desk.post(customer, "support", "mine");
        const { conversation } = await desk.post(guest, "support", "the guest's");
        await store.execute("identify", { ...carla, guest: { id: guest.id, generation: 0 } });
        expect(await desk.standing(customer, conversation)).toMatchObject({ state: "closed" });
        const closed = desk.facts
          .map(({ fact }) => fact)
          .find((fact) => fact.type === "conversation.changed" && fact.event === "conversation.closed");
        expect(closed).toMatchObject({ reason: "merged" });
      });
    });
  });
}
