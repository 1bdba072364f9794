/** Preloaded into a program: it is killed where it would rename a file for the nth time. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { renameSync } = fs;
let left = Number(process.env["KILLED_AT_RENAME"]);

fs.renameSync = (from, to) => {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
  renameSync(from, to);
};
syncBuiltinESMExports();
