/** What Node gets before a program of ours: what the npm scripts give it, and modules that change it from outside. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly scripts: Readonly<Record<"start" | "admin", string>>;
};

const imported = (path: string): readonly string[] => [
  "--import",
  fileURLToPath(new URL(path, import.meta.url)),
];

/** As `npm start` or `npm run admin` has it, from any working directory. */
export function asShipped(script: "start" | "admin"): readonly string[] {
  const [, ...options] = scripts[script].split(" ").slice(0, -1);
  return options.map((word) =>
    word.startsWith("./") ? fileURLToPath(new URL(`../../${word}`, import.meta.url)) : word,
  );
}

/** Modules of `preloads/`, in all threads of a server. */
export function preload(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => imported(`preloads/${name}.ts`));
}
