/** Preloaded into a program: it is killed where its database would commit for the nth time. */
import { DatabaseSync } from "node:sqlite";

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver it was found on
const { exec } = DatabaseSync.prototype;
let left = Number(process.env["KILLED_AT_COMMIT"]);

DatabaseSync.prototype.exec = function (sql) {
  if (sql === "COMMIT") left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
  exec.call(this, sql);
};
