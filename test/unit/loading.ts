/** What loadConfig says of an environment: the configuration, its warnings or its problems. */
import { loadConfig } from "../../src/config.ts";
import type { Config } from "../../src/config.ts";

type Environment = Record<string, string>;

/** Throws the problems, if there are any. */
export function configOf(environment: Environment): Config {
  const loaded = loadConfig(environment);
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.config;
}

/** Throws the problems, if there are any. */
export function warningsOf(environment: Environment): readonly string[] {
  const loaded = loadConfig(environment);
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.warnings;
}

/** None for a good environment. */
export function problemsOf(environment: Environment): readonly string[] {
  const loaded = loadConfig(environment);
  return "problems" in loaded ? loaded.problems : [];
}
