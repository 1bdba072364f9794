/** What Node gets before a program of ours: what the npm scripts give it, and modules that change it from outside. */
import { fileURLToPath } from "node:url";

const imported = (path: string): readonly string[] => [
  "--import",
  fileURLToPath(new URL(path, import.meta.url)),
];

/** As `npm start` and `npm run admin` have it. */
export const AS_SHIPPED = ["../../src/require-node.js", "../../src/keep-compiled.js"].flatMap(imported);

/** Modules of `preloads/`, in all threads of a server. */
export function preload(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => imported(`preloads/${name}.ts`));
}
