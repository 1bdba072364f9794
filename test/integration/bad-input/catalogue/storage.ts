/** Rows 149 to 162: files that are not what the program left, and stores that fail. */
import type { Rows } from "./row.ts";

const NO_POSTGRES = "PostgreSQL is not supported";

export const STORAGE: Rows = {
  149: {
    what: "a database file of no octets",
    tests: [["integration/stores/sqlite.test.ts", "refuses an empty file where there was a database"]],
  },
  150: {
    what: "a database file that is none, or damaged",
    tests: [
      ["integration/stores/sqlite.test.ts", "refuses %s, and leaves it as it is"],
      [
        "integration/stores/sqlite.test.ts",
        "finds damage, says once what to do, acknowledges nothing more, and is not ready",
      ],
      ["integration/doctor.test.ts", "a database that is damaged, and a file that is none"],
    ],
  },
  151: {
    what: "a schema newer than the program",
    tests: [["integration/stores/sqlite.test.ts", "refuses a database of a newer version"]],
  },
  152: {
    what: "a schema that is half migrated",
    tests: [
      [
        "integration/stores/migration.test.ts",
        "killed before any statement, it is migrated by the next start with everything that was written",
      ],
    ],
  },
  153: {
    what: "the log of writes that a crash left",
    tests: [
      ["integration/stores/sqlite.test.ts", "keeps every acknowledged message when its process is killed"],
    ],
  },
  154: {
    what: "a log of writes that somebody deleted",
    absent: "SQLite takes a database without its log for a whole one, and so do we",
  },
  155: {
    what: "a second process on the same files",
    tests: [
      ["integration/process.test.ts", "is used by one process: a second says which one has it"],
      ["integration/stores/sqlite.test.ts", "has one process to a folder"],
    ],
  },
  156: {
    what: "a disk that is full, read-only or broken",
    tests: [
      [
        "integration/stores/sqlite.test.ts",
        "refuses with STORAGE_FULL when full, goes on reading, and writes again once there is room",
      ],
      ["endurance/storage-faults.test.ts", "$what"],
    ],
  },
  157: {
    what: "a database that a backup holds",
    tests: [
      [
        "integration/stores/sqlite.test.ts",
        "refuses with RETRY_LATER while another holds the file, and recovers",
      ],
    ],
  },
  158: { what: "a connection that is lost in a COMMIT", absent: NO_POSTGRES },
  159: { what: "a database that has become read-only", absent: NO_POSTGRES },
  160: { what: "a message of the backplane that is none", absent: "there is no backplane" },
  161: {
    what: "a secrets file that is missing, open to others, or empty",
    tests: [
      ["unit/auth/secrets.test.ts", "are not made again over data"],
      ["unit/auth/secrets.test.ts", "of mode %o are closed, and that is told"],
      ["unit/auth/secrets.test.ts", "that are %s are refused, kept as they are and not shown"],
    ],
  },
  162: {
    what: "a row that somebody edited by hand",
    absent: "rows are the store's own; one that is not as it wrote it is not told apart",
  },
};
