/** Rows 1 to 12: CONNECT, what comes instead of it, and what it may carry. */
import { connects, fatal, fatalFirst } from "./row.ts";
import type { Rows } from "./row.ts";

export const CONNECTING: Rows = {
  1: {
    what: "a frame before CONNECT",
    frames: [
      fatalFirst("SEND first", "SEND\ndestination:/chat/message\n\n{}^@", "NOT_CONNECTED", 1008),
      fatalFirst(
        "SUBSCRIBE first",
        "SUBSCRIBE\nid:1\ndestination:/user/queue/errors\n\n^@",
        "NOT_CONNECTED",
        1008,
      ),
      fatalFirst("DISCONNECT first", "DISCONNECT\n\n^@", "NOT_CONNECTED", 1008),
    ],
  },
  2: {
    what: "no frame in the time for CONNECT",
    frames: [fatalFirst("nothing but a line feed", "\n", "CONNECT_TIMEOUT", 1008, "within 400 ms")],
  },
  3: {
    what: "CONNECT a second time",
    frames: [
      fatal("CONNECT twice", "CONNECT\naccept-version:1.2\n\n^@", "ALREADY_CONNECTED", 1002),
      fatal("STOMP after CONNECT", "STOMP\naccept-version:1.2\n\n^@", "ALREADY_CONNECTED", 1002),
    ],
  },
  4: {
    what: "CONNECT that names no version",
    frames: [connects("CONNECT without accept-version", "CONNECT\n\n^@", { version: "1.0" })],
  },
  5: {
    what: "a version that is not ours",
    frames: [
      fatalFirst("accept-version:9.9", "CONNECT\naccept-version:9.9\n\n^@", "UNSUPPORTED_VERSION", 1002),
      fatalFirst("accept-version:1.20", "CONNECT\naccept-version:1.20\n\n^@", "UNSUPPORTED_VERSION", 1002),
    ],
    tests: [
      [
        "conformance/connect.test.ts",
        "#29 no version in common is told with ours, then the connection closes",
      ],
    ],
  },
  6: {
    what: "all three versions at once",
    frames: [
      connects("accept-version:1.0,1.1,1.2", "CONNECT\naccept-version:1.0,1.1,1.2\n\n^@", {
        version: "1.2",
      }),
    ],
  },
  7: {
    what: "CONNECT without host",
    frames: [connects("CONNECT without host", "CONNECT\naccept-version:1.2\n\n^@", { version: "1.2" })],
  },
  8: {
    what: "a host nobody knows",
    frames: [
      connects("an unknown host", "CONNECT\naccept-version:1.2\nhost:nowhere.example\n\n^@", {
        version: "1.2",
      }),
    ],
    absent: "UNKNOWN_HOST: there is no list of hosts to configure",
  },
  9: {
    what: "no credentials where guests are off",
    tests: [["unit/auth/identity.test.ts", "is refused, and no guest made, where guests are off"]],
  },
  10: {
    what: "a token that is wrong, expired or another site's",
    frames: [
      fatalFirst(
        "a made-up guest token",
        "CONNECT\naccept-version:1.2\npasscode:cc_g.x.y.z\n\n^@",
        "AUTH_FAILED",
        1008,
      ),
      fatalFirst(
        "a made-up login session",
        `CONNECT\naccept-version:1.2\nAuthorization:Bearer cc_s_${"x".repeat(43)}\n\n^@`,
        "AUTH_FAILED",
        1008,
      ),
      fatalFirst(
        "a login without a passcode",
        "CONNECT\naccept-version:1.2\nlogin:anna\n\n^@",
        "AUTH_FAILED",
        1008,
      ),
    ],
    tests: [
      ["integration/identity.test.ts", "with %s is AUTH_FAILED, in the same words, and never a guest"],
      [
        "unit/broker/admission.test.ts",
        "the eleventh CONNECT of an address that fails in a minute is told to wait; one that is right is not",
      ],
      ["unit/auth/tokens.test.ts", "%s is not read"],
      ["unit/auth/tokens.test.ts", "is of no worth where another key is used"],
    ],
  },
  11: {
    what: "a token of more than 4 KiB",
    frames: [
      fatalFirst(
        "a passcode beyond its line",
        `CONNECT\naccept-version:1.2\npasscode:cc_${"x".repeat(4097)}\n\n^@`,
        "HEADER_TOO_LONG",
        1008,
      ),
    ],
  },
  12: {
    what: "line feeds in login, which make header lines of their own",
    frames: [
      connects(
        "headers that only a server says",
        "CONNECT\naccept-version:1.2\nlogin:\nuser-name:admin\nsession:mine\nversion:9\nserver:mine\nrole:admin\n\n^@",
        { version: "1.2" },
      ),
    ],
  },
};
