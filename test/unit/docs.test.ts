/** The pages for strangers say what the program does: variables, codes, and links that lead somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { HTTP_ERRORS } from "../../src/adapters/http/errors.ts";
import {
  methodRefusal,
  REFUSALS as TRANSPORT_REFUSALS,
} from "../../src/adapters/transports/refusal-answers.ts";
import { DISCONNECTS } from "../../src/broker/errors.ts";
import { BOUNDS } from "../../src/broker/limits.ts";
import { CONDITIONS, RULES } from "../../src/chat/access-rules.ts";
import { limitOf, RATES } from "../../src/broker/rates.ts";
import { httpStatusOf, REFUSALS } from "../../src/chat/errors.ts";
import { EVENTS } from "../../src/chat-events.ts";
import { VARIABLES } from "../../src/config.ts";
import { problemsOf } from "./loading.ts";
import type { Rule } from "../../src/chat/access-rules.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

type Row = Readonly<Record<string, string>>;

/** The rows of the tables under a heading (of the whole page without one), by the names in the tables' first row. */
function rowsOf(page: string, heading?: string): Row[] {
  const section =
    heading === undefined
      ? page
      : (page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "");
  return (section.match(/(?:^\|.*\n)+/gm) ?? []).flatMap((table) => {
    const [names = [], , ...rows] = table.trimEnd().split("\n").map(cellsOf);
    return rows.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""])));
  });
}

function cellsOf(line: string): string[] {
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1"));
}

describe("docs/CONFIGURATION.md", () => {
  const rows = rowsOf(read("docs/CONFIGURATION.md")).filter((row) => row["name"] !== undefined);
  const bounded = rows.filter((row) => (row["min"] ?? "") !== "");

  it("has a row for every variable, and none for anything else, each with its default and unit", () => {
    const shown = rows.map((row) => [row["name"], row["default"], row["unit"]]);
    const known = [...VARIABLES].map(([name, { fallback, unit }]) => [name, fallback, unit]);
    expect(shown.sort()).toEqual(known.sort());
  });

  it("says what each variable is for", () => {
    expect(rows.filter((row) => (row["meaning"] ?? "").length < 10)).toEqual([]);
  });

  it("has min and max of every bound, and those of the limits are the table's in the program", () => {
    const limits = rowsOf(read("docs/CONFIGURATION.md"), "Limits");
    expect(limits.map(({ name, min, max, meaning }) => [name, Number(min), Number(max), meaning])).toEqual(
      Object.values(BOUNDS).map(({ env, min, max, meaning }) => [env, min, max, meaning]),
    );
    expect(bounded.length).toBe(limits.length + 3);
  });

  it.each(bounded.map((row) => [row["name"], row["min"], row["max"]]))(
    "has %s from %s to %s, which is what the program takes",
    (name = "", min = "", max = "") => {
      const isTaken = (value: number): boolean => problemsOf({ [name]: String(value) }).length === 0;
      const [least, most] = [Number(min), Number(max)];
      expect([least - 1, least, most, most + 1].map(isTaken)).toEqual([false, true, true, false]);
    },
  );

  it("has a row for every rate, and none for anything else, as a refusal words it", () => {
    const rates = rowsOf(read("docs/CONFIGURATION.md"), "Rates");
    expect(
      rates.map(({ rate, per, "at once": burst, then }) => [per, `${rate}: ${burst} at once, then ${then}`]),
    ).toEqual(Object.values(RATES).map((rate) => [rate.per, limitOf(rate)]));
  });

  it("shows problems as the program words them", () => {
    const problems = problemsOf({ PORT: "abc", ALLOWED_ORIGINS: "https://shop.example.com/" });
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(read("docs/CONFIGURATION.md")).toContain(`\n${problem}\n`);
  });
});

describe("docs/PROTOCOL.md", () => {
  const page = read("docs/PROTOCOL.md");

  it("has a row for every refusal, and none for anything else", () => {
    const codes = rowsOf(page, "Refusals").map((row) => row["code"]);
    expect(codes.sort()).toEqual(Object.keys(REFUSALS).sort());
  });

  it("has the refusals' HTTP status, where they have one", () => {
    const shown = rowsOf(page, "Refusals").filter((row) => row["HTTP"] !== "–");
    expect(shown.length).toBeGreaterThan(20);
    for (const { code = "", HTTP } of shown) expect(HTTP, code).toBe(String(httpStatusOf(code)));
  });

  it("has a row for every other answer over HTTP, and none for anything else, each with its status", () => {
    const shown = rowsOf(page, "HTTP answers").map((row) => [row["code"], row["HTTP"]]);
    const known = [
      ...Object.entries(HTTP_ERRORS).map(([code, { status }]) => [code, String(status)]),
      ...[...Object.values(TRANSPORT_REFUSALS), methodRefusal([])].map(({ code, status }) => [
        code,
        String(status),
      ]),
    ].filter(([code = ""]) => !(code in REFUSALS));
    expect(shown.sort()).toEqual([...new Map(known.map((row) => [row.join(), row])).values()].sort());
  });

  it("has a row for every disconnect, and none for anything else, each with its close code", () => {
    const shown = rowsOf(page, "Disconnects").map((row) => [row["code"], row["close"]]);
    const known = Object.entries(DISCONNECTS).map(([code, { close }]) => [code, String(close)]);
    expect(shown.sort()).toEqual(known.sort());
  });

  it("names no variable that does not exist", () => {
    const named = page.match(/`[A-Z]+(?:_[A-Z]+)*_(?:BYTES|MS|DAYS|MESSAGES|HEADERS|ORIGINS)`/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    const unknown = named.map((name) => name.slice(1, -1)).filter((name) => !VARIABLES.has(name));
    expect(unknown.filter((name) => !Object.hasOwn(DISCONNECTS, name))).toEqual([]);
  });
});

describe("docs/PERMISSIONS.md", () => {
  const page = read("docs/PERMISSIONS.md");

  /** A rule as the page shows it: what each column may, with what its role includes. */
  function cellsOfRule({ verb, destination, allow, otherwise }: Rule): string[] {
    const every = allow.public ?? allow.user;
    const agent = every ?? allow.agent;
    const supervisor = allow.supervisor ?? agent;
    const scopes = (["chat", "api", "topics", "queues"] as const).flatMap((scope) =>
      allow[scope] === undefined ? [] : `${scope} (${allow[scope]})`,
    );
    const may = [allow.public, every ?? allow.customer, agent, supervisor, allow.admin ?? supervisor];
    const services = every ?? (scopes.length === 0 ? undefined : scopes.join(", "));
    return [verb, destination, ...[...may, services].map((cell) => cell ?? "–"), otherwise];
  }

  it("has a row for every rule, in the order in which they are asked, and none for anything else", () => {
    const shown = ["Commands and messages", "Subscriptions", "Requests over HTTP"].flatMap((heading) =>
      rowsOf(page, heading).map((row) => Object.values(row)),
    );
    expect(shown).toEqual(RULES.map(cellsOfRule));
  });

  it("says what every condition asks for", () => {
    const shown = rowsOf(page, "Conditions").map(({ condition, means }) => [condition, means]);
    expect(shown).toEqual(Object.entries(CONDITIONS));
  });
});

describe("docs/DEPENDENCIES.md", () => {
  const page = read("docs/DEPENDENCIES.md");
  const manifest = JSON.parse(read("package.json")) as Record<
    "dependencies" | "overrides",
    Record<string, string>
  >;

  it("has a row for every production dependency with its licence, and none for anything else", () => {
    const shown = rowsOf(page, "In production").map(({ package: name, licence }) => [name, licence]);
    const known = Object.keys(manifest.dependencies).map((name) => {
      const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { license: string };
      return [name, license];
    });
    expect(shown.sort()).toEqual(known.sort());
  });

  it("says of every dependency why it is there and what would take its place", () => {
    for (const row of rowsOf(page, "In production")) expect(Object.values(row)).not.toContain("");
  });

  it("has a row for every override with its version, and none for anything else", () => {
    const shown = rowsOf(page, "Overrides").map(({ package: name, version }) => [name, version]);
    expect(shown.sort()).toEqual(Object.entries(manifest.overrides).sort());
  });
});

describe("docs/EMBEDDING.md", () => {
  it("has a row for every event, and none for anything else", () => {
    const shown = rowsOf(read("docs/EMBEDDING.md"), "Events").map((row) => row["event"]);
    expect(shown.sort()).toEqual([...EVENTS].sort());
  });

  it("has a row for everything that the package exports", () => {
    const { exports } = JSON.parse(read("package.json")) as { exports: object };
    const shown = rowsOf(read("docs/EMBEDDING.md")).flatMap((row) => row["import"] ?? []);
    const paths = Object.keys(exports).filter((path) => path !== "./package.json");
    expect(shown.sort()).toEqual(paths.map((path) => path.replace(".", "customer-chat")).sort());
  });
});

describe("the container and the unit of systemd", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: { start: string } };

  it("start the server as `npm start` does", () => {
    const command = /^CMD (\[.*\])$/m.exec(read("Dockerfile"))?.[1] ?? "[]";
    expect((JSON.parse(command) as string[]).join(" ")).toBe(scripts.start);
    const unit = read("docs/deploy/customer-chat.service");
    expect(/^ExecStart=\/usr\/bin\/(.*)$/m.exec(unit)?.[1]).toBe(scripts.start);
  });
});

describe("links", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...readdirSync(join(ROOT, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];

  /** As GitHub makes them: lower case, punctuation dropped, blanks become hyphens. */
  const anchorsOf = (text: string): string[] =>
    [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );

  it.each(pages)("of %s lead to files, and to headings, that exist", (page) => {
    const text = read(page).replace(/^```[\s\S]*?^```/gm, "");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const dead = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
        if (!existsSync(file)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(file, "utf8")).includes(anchor);
      });
    expect(dead).toEqual([]);
  });

  it("are there to be checked", () => {
    expect(pages).toContain("docs/PROTOCOL.md");
    expect(read("README.md")).toContain("](docs/CONFIGURATION.md)");
  });
});
