/** A disk of a few MiB, to be filled; root alone can have one. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PAGE_OCTETS = 4096;

/** Mounts it on a folder, with options of tmpfs; whether that could be done. */
export function mountSmallDisk(path: string, options = "size=32m"): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export function unmount(path: string): void {
  execFileSync("umount", [path]);
}

export function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), "customer-chat-"));
  const isMounted = mountSmallDisk(path);
  if (isMounted) unmount(path);
  rmSync(path, { recursive: true });
  return isMounted;
}

/** Writes a file until the disk it is on has no more than `left` octets free. */
export function fill(file: string, left = 0): void {
  const descriptor = openSync(file, "w");
  try {
    const page = Buffer.alloc(PAGE_OCTETS);
    for (let free = freeOn(file); free > left; free -= PAGE_OCTETS) writeSync(descriptor, page);
  } finally {
    closeSync(descriptor);
  }
}

function freeOn(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
