/** What is typed behind `npm run admin --`, word by word. */
import { describe, expect, it } from "vitest";
import { parseCommand } from "../../src/admin-command.ts";

describe.each(["3pX0m9TqkW2bYvN7cRj5Lg", "-pX0m9TqkW2bYvN7cRj5Lg", "--X0m9TqkW2bYvN7cRj5Lg"])(
  "the id %s",
  (id) => {
    it.each([
      [["erase-customer", id], { verb: "erase-customer", input: { customer: id } }],
      [["export-customer", id], { verb: "export-customer", input: { customer: id } }],
      [["disable", id], { verb: "disable", input: { account: id } }],
      [
        ["sign-out", id, "--login", "0badc0de"],
        { verb: "sign-out", input: { account: id, login: "0badc0de" } },
      ],
      [["kick", id, "--reason", "go home"], { verb: "kick", input: { session: id, reason: "go home" } }],
      [["kick", "--reason", "go home", id], { verb: "kick", input: { session: id, reason: "go home" } }],
      [["kick", "--user", id], { verb: "kick", input: { user: id } }],
      [["kick", `--user=${id}`], { verb: "kick", input: { user: id } }],
      [["list-connections", "--user", id], { verb: "list-connections", input: { user: id } }],
      [
        ["audit", "--user", id, "--since", "2026-11-01"],
        { verb: "audit", input: { user: id, since: "2026-11-01" } },
      ],
    ])("is what %j is about", async (argv, command) => {
      expect(await parseCommand(argv)).toEqual(command);
    });
  },
);

it.each([[["disable", "anna", "bert"]], [["nonsense"]], [["erase-customer"]], [[]], [["list", "anna"]]])(
  "%j is no command",
  async (argv) => {
    expect(await parseCommand(argv)).toBeUndefined();
  },
);

it.each([[["disable", "--anna"]], [["list", "-x"]], [["audit", "--user"]], [["kick", "--users", "anna"]]])(
  "%j has an option that nobody knows, or none behind it",
  async (argv) => {
    await expect(parseCommand(argv)).rejects.toThrow(TypeError);
  },
);
