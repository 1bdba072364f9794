/** Passcodes: argon2id at OWASP's effort, and the same work whether there is a hash or not. */
import { describe, expect, it } from "vitest";
import { generatePasscode } from "../../../src/adapters/auth/accounts.ts";
import { passcodeProblem, Passcodes } from "../../../src/adapters/auth/passcodes.ts";

const PASSCODE = "correct horse battery";

describe("a hashed passcode", () => {
  it("is argon2id with 19 MiB, 2 passes and 1 lane, salted, without the passcode in it", async () => {
    const passcodes = new Passcodes();
    const hashes = [await passcodes.hash(PASSCODE), await passcodes.hash(PASSCODE)];
    expect(hashes[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hashes[0]).not.toBe(hashes[1]);
    expect(hashes.join()).not.toContain(PASSCODE);
  });

  it("is matched by itself alone", async () => {
    const passcodes = new Passcodes();
    const stored = await passcodes.hash(PASSCODE);
    expect(await passcodes.verify(stored, PASSCODE)).toBe(true);
    for (const wrong of ["", PASSCODE.slice(1), `${PASSCODE} `, PASSCODE.toUpperCase(), `${PASSCODE}\0`]) {
      expect(await passcodes.verify(stored, wrong), JSON.stringify(wrong)).toBe(false);
    }
  });

  it("is never matched where there is none, not even by what the comparison is made with", async () => {
    const passcodes = new Passcodes();
    expect(await passcodes.verify(undefined, PASSCODE)).toBe(false);
    expect(await passcodes.verify(undefined, "nobody has this passcode")).toBe(false);
  });

  it("is not compared with a passcode longer than any can be", async () => {
    const passcodes = new Passcodes();
    const long = "x".repeat(257);
    expect(await passcodes.verify(await passcodes.hash(long), long)).toBe(false);
  });
});

describe("the time of a comparison", () => {
  it("is that of a wrong passcode, too, where the login is unknown", async () => {
    const passcodes = new Passcodes();
    const stored = await passcodes.hash(PASSCODE);
    await passcodes.verify(undefined, "the first one makes the hash to compare with");
    const timeOf = async (against: string | undefined): Promise<number> => {
      const start = performance.now();
      await passcodes.verify(against, "a wrong passcode");
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    // Taken in turns, and the shortest of each: other work on the machine only ever makes one longer.
    for (let round = 0; round < 15; round += 1) {
      known.push(await timeOf(stored));
      unknown.push(await timeOf(undefined));
    }
    const ratio = Math.min(...unknown) / Math.min(...known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe("many comparisons at once", () => {
  it("are all answered, each with its own answer", async () => {
    const passcodes = new Passcodes();
    const stored = await passcodes.hash(PASSCODE);
    const answers = await Promise.all(
      [PASSCODE, "a wrong one", PASSCODE, "another", PASSCODE].map((passcode) =>
        passcodes.verify(stored, passcode),
      ),
    );
    expect(answers).toEqual([true, false, true, false, true]);
  });

  it("go on after one that failed", async () => {
    const passcodes = new Passcodes();
    const broken = Array.from({ length: 4 }, () => passcodes.verify("no hash", PASSCODE));
    expect((await Promise.allSettled(broken)).map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    expect(await passcodes.verify(await passcodes.hash(PASSCODE), PASSCODE)).toBe(true);
  });
});

describe("what a passcode may be", () => {
  it.each([
    ["x".repeat(11), "a passcode has 12 to 256 characters"],
    ["x".repeat(12), undefined],
    ["x".repeat(256), undefined],
    ["x".repeat(257), "a passcode has 12 to 256 characters"],
    ["cc_looks like a token", "a passcode may not begin with cc_"],
  ])("%s: %s", (passcode, problem) => {
    expect(passcodeProblem(passcode)).toBe(problem);
  });

  it("is true of generated ones: 20 characters, no two that look alike", () => {
    const generated = Array.from({ length: 200 }, generatePasscode);
    expect(new Set(generated).size).toBe(200);
    for (const passcode of generated) {
      expect(passcode).toMatch(/^[A-HJ-NP-Za-km-z2-9]{20}$/);
      expect(passcodeProblem(passcode)).toBeUndefined();
    }
  });
});
