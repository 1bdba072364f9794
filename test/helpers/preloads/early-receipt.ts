/** Preloaded into a server: a store that answers first and commits after. */
import { DatabaseSync } from "node:sqlite";

const LATE_MS = 30;

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver it was found on
const { exec } = DatabaseSync.prototype;
let commitLate: (() => void) | undefined;

DatabaseSync.prototype.exec = function (sql) {
  commitLate?.();
  if (sql !== "COMMIT") {
    exec.call(this, sql);
    return;
  }
  const timer = setTimeout(() => commitLate?.(), LATE_MS);
  commitLate = () => {
    clearTimeout(timer);
    commitLate = undefined;
    exec.call(this, sql);
  };
};
