/** Modules of `preloads/` as arguments of Node: they change a server from outside, in all its threads. */
import { fileURLToPath } from "node:url";

export function preload(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [
    "--import",
    fileURLToPath(new URL(`preloads/${name}.ts`, import.meta.url)),
  ]);
}
