/** The installation's secrets: made once with the data, and never again over it but by hand. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export type Secrets = {
  /** Key of guests' and customers' tokens. */
  readonly tokenKey: Uint8Array;
};

const KEY_OCTETS = 32;

const schema = z.strictObject({
  tokenKey: z.base64().refine((key) => Buffer.from(key, "base64").length === KEY_OCTETS),
});

/**
 * Reads `secrets.json` of the data directory. Where there is none it is made, unless `hasData`: every token of that
 * data would silently die. Throws an Error for the operator.
 */
export function loadSecrets(dataDir: string, hasData: boolean, warn: (text: string) => void): Secrets {
  const file = join(dataDir, "secrets.json");
  if (!existsSync(file)) {
    if (hasData) throw new Error(`${file}: missing although there is data; restore it from a backup`);
    writeSecrets(file, randomBytes(KEY_OCTETS));
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    chmodSync(file, 0o600);
    warn(`${file}: was open to others; its mode is 0600 now`);
  }
  return readSecrets(file);
}

/** Reads a `secrets.json` and changes nothing; throws an Error for the operator. */
export function readSecrets(file: string): Secrets {
  try {
    const { tokenKey } = schema.parse(JSON.parse(readFileSync(file, "utf8")));
    return { tokenKey: Buffer.from(tokenKey, "base64") };
  } catch {
    throw new Error(`${file}: not readable as this installation's secrets; restore it from a backup`);
  }
}

/** Puts other ones in their place: what was signed with those before is nothing any more. */
export function rotateSecrets(dataDir: string): void {
  writeSecrets(join(dataDir, "secrets.json"), randomBytes(KEY_OCTETS));
}

/** Writes them to a file, whole or not at all, for the owner alone; throws an Error for the operator. */
export function writeSecrets(file: string, tokenKey: Uint8Array): void {
  const text = JSON.stringify({ tokenKey: Buffer.from(tokenKey).toString("base64") });
  const temporary = `${file}.new`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file}: cannot be written: ${reason}`, { cause: error });
  }
}
