/** What the doctor says of configurations that are accepted, and of the room on a disk. */
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config.ts";
import { judgeConfiguration } from "../../../src/doctor/configuration.ts";
import { roomFinding } from "../../../src/doctor/files.ts";
import { lineOf } from "../../../src/doctor/finding.ts";

const MIB = 1024 * 1024;
const HTTPS = "https://chat.example.com";

/** The lines about an environment, each up to its colon. */
function namesOf(environment: Record<string, string>): string[] {
  const loaded = loadConfig(environment);
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return judgeConfiguration(loaded.config, loaded.warnings).map((finding) =>
    lineOf(finding).replace(/:.*/, ""),
  );
}

describe("a configuration", () => {
  const SITE = { ALLOWED_ORIGINS: "https://shop.example.com" };
  const well = "ok       configuration";

  it.each([
    ["the defaults", {}, [well, "note     ALLOWED_ORIGINS"]],
    ["behind a proxy on this machine", { ...SITE, PUBLIC_URL: HTTPS, TRUST_PROXY: "loopback" }, [well]],
    [
      "in a container",
      { ...SITE, HOST: "0.0.0.0", PUBLIC_URL: HTTPS, TRUST_PROXY: "1" },
      [well, "note     TRUST_PROXY"],
    ],
    ["open to all without TLS", { ...SITE, HOST: "0.0.0.0" }, ["problem  HOST"]],
    [
      "open to all, http in PUBLIC_URL",
      { ...SITE, HOST: "::", PUBLIC_URL: "http://10.0.0.1" },
      ["problem  HOST"],
    ],
    ["https, but no proxy named", { ...SITE, PUBLIC_URL: HTTPS }, ["problem  TRUST_PROXY"]],
    ["a proxy, but no PUBLIC_URL", { ...SITE, TRUST_PROXY: "1" }, ["problem  PUBLIC_URL"]],
    ["a misspelt variable", { ...SITE, GUEST: "off" }, ["problem  configuration"]],
    [
      "a site that is http",
      {
        ALLOWED_ORIGINS: "http://shop.example.com,http://localhost:8080",
        PUBLIC_URL: HTTPS,
        TRUST_PROXY: "loopback",
      },
      [well, "note     ALLOWED_ORIGINS"],
    ],
  ])("%s", (_name, environment, names) => {
    expect(namesOf(environment as Record<string, string>)).toEqual(names);
  });
});

describe("the room on a disk", () => {
  it("is a problem below 256 MiB, and worth a note when a backup would not fit", () => {
    expect(roomFinding(256 * MIB - 1, 0).kind).toBe("problem");
    expect(roomFinding(256 * MIB, 0)).toEqual({ kind: "well", what: "disk: 256.0 MiB free" });
    expect(roomFinding(3000 * MIB, 3001 * MIB).kind).toBe("note");
    expect(roomFinding(3072 * MIB, 3072 * MIB)).toEqual({ kind: "well", what: "disk: 3.0 GiB free" });
  });
});
