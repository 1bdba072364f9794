/** Preloaded into a server: a store that does not sync its commits. */
import { DatabaseSync } from "node:sqlite";

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver it was found on
const { exec } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql.replace("synchronous = FULL", "synchronous = NORMAL"));
};
