/** The floor rules bite: one violation per rule is planted in a tree of its own, and the repository's lint catches it. */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

/** What is there to be imported; clean by itself. */
const CLEAN: Readonly<Record<string, string>> = {
  "src/main.ts": 'import { port } from "./config.ts";\nexport const started = port;\n',
  "src/config.ts": 'export const port = process.env["PORT"] ?? "3000";\n',
  "src/stomp/frame.ts": "export type Frame = { readonly command: string };\nexport const eol = 10;\n",
  "src/broker/session.ts":
    'import { eol } from "../stomp/frame.ts";\nimport type { Frame } from "../stomp/frame.ts";\n' +
    "export const end = (frame: Frame): string => `${frame.command}${eol}`;\n",
  "src/chat/wire.ts": 'export const SUPPORT = "support";\n',
  "src/chat/message.ts":
    'import { end } from "../broker/session.ts";\nimport { SUPPORT } from "./wire.ts";\n' +
    "export type ChatMessage = { readonly userTo: string };\nexport const say = (): string => end({ command: SUPPORT });\n",
  "src/adapters/transports/tcp.ts":
    'import { end } from "../../broker/session.ts";\nexport const tcp = end;\n',
  "src/adapters/stores/memory.ts":
    'import { randomBytes } from "node:crypto";\nimport type { ChatMessage } from "../../chat/message.ts";\n' +
    'export const first = (to: ChatMessage): string => to.userTo + randomBytes(1).toString("hex");\n',
  "src/adapters/backplanes/local.ts": "export const local = 1;\n",
  "src/adapters/auth/tokens.ts": "export const tokens = 1;\n",
  "src/adapters/http/app.ts": "export const app = 1;\n",
  "src/adapters/observability/log.ts": "export const log = 1;\n",
  "src/web/widget.ts":
    'import { eol } from "../stomp/frame.ts";\nimport { SUPPORT } from "../chat/wire.ts";\n' +
    'import type { ChatMessage } from "../chat/message.ts";\n' +
    "export const panel = (to: ChatMessage): string => `${SUPPORT}${to.userTo}${eol}`;\n",
  "test/helpers/pair.ts": "export const pair = 1;\n",
};

type Violation = {
  /** Rule id. */
  readonly rule: string;
  readonly file: string;
  readonly source: string;
  /** Part of the message, where one rule says several things. */
  readonly says?: string;
};

const imports = (specifier: string, name: string): string =>
  `import { ${name} } from "${specifier}";\nexport const used = ${name};\n`;

const PATHS = "import-x/no-restricted-paths";
const IMPORTS = "@typescript-eslint/no-restricted-imports";

function direction(file: string, specifier: string, name: string): Violation {
  return { rule: PATHS, file, source: imports(specifier, name), says: "DIRECTION" };
}

function sibling(file: string, specifier: string, name: string): Violation {
  return { rule: PATHS, file, source: imports(specifier, name), says: "SIBLING" };
}

const VIOLATIONS: readonly Violation[] = [
  direction("src/stomp/d1.ts", "../broker/session.ts", "end"),
  direction("src/stomp/d2.ts", "../config.ts", "port"),
  direction("src/broker/d3.ts", "../chat/message.ts", "say"),
  direction("src/broker/d4.ts", "../config.ts", "port"),
  direction("src/chat/d5.ts", "../adapters/stores/memory.ts", "first"),
  direction("src/chat/d6.ts", "../config.ts", "port"),
  direction("src/adapters/stores/d7.ts", "../../config.ts", "port"),
  direction("src/adapters/http/d8.ts", "../../web/widget.ts", "panel"),
  direction("src/d9.ts", "./web/widget.ts", "panel"),
  direction("src/web/d10.ts", "../broker/session.ts", "end"),
  direction("src/web/d11.ts", "../config.ts", "port"),
  direction("src/chat/d12.ts", "../../test/helpers/pair.ts", "pair"),
  sibling("src/adapters/transports/s1.ts", "../stores/memory.ts", "first"),
  sibling("src/adapters/stores/s2.ts", "../transports/tcp.ts", "tcp"),
  sibling("src/adapters/backplanes/s3.ts", "../stores/memory.ts", "first"),
  sibling("src/adapters/auth/s4.ts", "../http/app.ts", "app"),
  sibling("src/adapters/http/s5.ts", "../auth/tokens.ts", "tokens"),
  sibling("src/adapters/observability/s6.ts", "../backplanes/local.ts", "local"),
  sibling("src/adapters/auth/s7.ts", "../observability/log.ts", "log"),
  {
    rule: "import-x/no-cycle",
    file: "src/chat/c1.ts",
    source: 'import { two } from "./c2.ts";\nexport const one = (): number => two() + 1;\n',
  },
  {
    rule: "import-x/no-cycle",
    file: "src/chat/c2.ts",
    source: 'import { one } from "./c1.ts";\nexport const two = (): number => one() + 1;\n',
  },
  { rule: "import-x/no-default-export", file: "src/chat/e1.ts", source: "export default 1;\n" },
  { rule: "import-x/no-default-export", file: "test/unit/e2.ts", source: "export default 1;\n" },
  { rule: IMPORTS, file: "src/stomp/i1.ts", source: imports("node:buffer", "Buffer"), says: "stomp floor" },
  { rule: IMPORTS, file: "src/stomp/i2.ts", source: imports("zod", "z"), says: "stomp floor" },
  { rule: IMPORTS, file: "src/web/i3.ts", source: imports("zod", "z"), says: "zod" },
  { rule: IMPORTS, file: "src/web/i4.ts", source: imports("node:path", "join"), says: "node:" },
  { rule: IMPORTS, file: "src/web/i5.ts", source: imports("../chat/message.ts", "say"), says: "wire.ts" },
  { rule: IMPORTS, file: "src/chat/i6.ts", source: imports("node:process", "env"), says: "config.ts" },
  { rule: IMPORTS, file: "src/chat/i7.ts", source: imports("node:vm", "Script"), says: "run time" },
  {
    rule: "no-restricted-properties",
    file: "src/adapters/http/p1.ts",
    source: 'export const host = process.env["HOST"];\n',
    says: "config.ts",
  },
  {
    rule: "no-restricted-properties",
    file: "src/p2.ts",
    source: "export const { env } = process;\n",
    says: "config.ts",
  },
  {
    rule: "no-restricted-properties",
    file: "src/chat/p3.ts",
    source: "export const id = (): number => Math.random();\n",
    says: "node:crypto",
  },
  {
    rule: "no-restricted-properties",
    file: "src/web/p4.ts",
    source: 'export const show = (at: { innerHTML: string }): void => {\n  at.innerHTML = "x";\n};\n',
    says: "never as HTML",
  },
  {
    rule: "no-restricted-syntax",
    file: "src/stomp/x1.ts",
    source: 'export const late = import("./frame.ts");\n',
    says: "run time",
  },
  {
    rule: "no-restricted-syntax",
    file: "src/broker/x2.ts",
    source: "class Base {\n  readonly a = 1;\n}\nexport class Derived extends Base {\n  readonly b = 2;\n}\n",
    says: "inheritance",
  },
  { rule: "no-eval", file: "src/chat/v1.ts", source: 'eval("1");\n' },
  {
    rule: "@typescript-eslint/no-implied-eval",
    file: "src/chat/v2.ts",
    source: 'export const make: unknown = new Function("return 1");\n',
  },
  { rule: "no-console", file: "src/broker/l1.ts", source: 'console.log("x");\n' },
  {
    rule: "max-lines",
    file: "src/broker/l2.ts",
    source: "export const a = 1;\n".replace("1", `1${" +\n1".repeat(300)}`),
  },
  {
    rule: "@typescript-eslint/no-explicit-any",
    file: "src/chat/t1.ts",
    source: "export type Loose = any;\n",
  },
  {
    rule: "@typescript-eslint/no-floating-promises",
    file: "src/chat/t2.ts",
    source: "export const go = (): void => {\n  Promise.resolve(1);\n};\n",
  },
  {
    rule: "@typescript-eslint/no-misused-promises",
    file: "src/chat/t3.ts",
    source:
      "export const go = (list: number[]): void => {\n  list.forEach(async (n) => {\n    await go2(n);\n  });\n};\nconst go2 = (n: number): Promise<number> => Promise.resolve(n);\n",
  },
  {
    rule: "@typescript-eslint/await-thenable",
    file: "src/chat/t4.ts",
    source: "export const go = async (n: number): Promise<number> => {\n  await n;\n  return n;\n};\n",
  },
  {
    rule: "@typescript-eslint/consistent-type-imports",
    file: "src/chat/t5.ts",
    source: 'import { ChatMessage } from "./message.ts";\nexport type Sent = ChatMessage;\n',
  },
  {
    rule: "@typescript-eslint/switch-exhaustiveness-check",
    file: "src/chat/t6.ts",
    source:
      'export const go = (s: "a" | "b"): void => {\n  switch (s) {\n    case "a":\n      go("b");\n  }\n};\n',
  },
  {
    rule: "@typescript-eslint/only-throw-error",
    file: "src/chat/t7.ts",
    source: 'export const go = (): void => {\n  throw "x";\n};\n',
  },
];

type Report = {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
};

let tree = "";
const found = new Map<string, Report["messages"]>();

function plant(file: string, source: string): void {
  const path = join(tree, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
}

/** The repository's own lint over the planted tree; exit code 1 is what it is there for. */
function lint(): Promise<readonly Report[]> {
  const eslint = join(ROOT, "node_modules/eslint/bin/eslint.js");
  return new Promise((done, failed) => {
    const options = { cwd: tree, maxBuffer: 16 * 1024 * 1024 };
    execFile(process.execPath, [eslint, "--format", "json", "."], options, (_, stdout, stderr) => {
      try {
        done(JSON.parse(stdout));
      } catch (cause) {
        failed(new Error(`lint gave no report: ${stderr}`, { cause }));
      }
    });
  });
}

beforeAll(async () => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), "customer-chat-lint-")));
  for (const file of [".eslintrc.json", "eslint.config.js", "tsconfig.json", "package.json"]) {
    copyFileSync(join(ROOT, file), join(tree, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"), "junction");
  for (const [file, source] of Object.entries(CLEAN)) plant(file, source);
  for (const { file, source } of VIOLATIONS) plant(file, source);
  for (const { filePath, messages } of await lint()) {
    found.set(relative(tree, filePath).replaceAll("\\", "/"), messages);
  }
}, 60_000);

afterAll(() => {
  rmSync(tree, { recursive: true, force: true });
});

describe("lint", () => {
  it.each(VIOLATIONS)("catches $rule in $file", ({ rule, file, says = "" }) => {
    const messages = found.get(file) ?? [];
    expect(messages.map(({ ruleId }) => ruleId)).toEqual([rule]);
    expect(messages[0]?.message).toContain(says);
  });

  it.each([...Object.keys(CLEAN), "eslint.config.js"])("has nothing against %s", (file) => {
    expect(found.get(file)).toEqual([]);
  });
});
