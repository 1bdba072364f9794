/** Points about messages: SEND (2F), subscriptions (2G), ACK and NACK (2H), transactions (2I). */
import { ALL, FROM_1_1 } from "./section.ts";
import type { Section } from "./section.ts";

export const SEND = {
  title: "SEND",
  tests: "send.test.ts",
  points: {
    52: {
      level: "M",
      versions: ALL,
      heading: "SEND",
      requirement: "A missing or blank `destination` ends the connection.",
    },
    53: {
      level: "M",
      versions: ALL,
      heading: "SEND",
      requirement: "The sender's headers pass to MESSAGE on general destinations, the server's own excepted.",
      choice:
        "Chat destinations pass none: the server writes every header of their MESSAGEs. `reply-to:/temp-queue/<name>` becomes an address of its own.",
    },
    54: {
      level: "M",
      versions: ALL,
      heading: "SEND",
      requirement: "A SEND that fails is answered with ERROR and close.",
      deviation:
        "A session that subscribed to `/user/queue/errors` gets a refused SEND there and goes on: one bad message ends no chat. Others get ERROR and close.",
    },
    55: {
      level: "M",
      versions: ALL,
      heading: "SEND; BEGIN",
      requirement: "`transaction` must name an open transaction.",
    },
    56: {
      level: "S",
      versions: ALL,
      heading: "MESSAGE",
      requirement: "On general destinations MESSAGE has the destination of the SEND.",
    },
    57: {
      level: "M",
      versions: ALL,
      heading: "SUBSCRIBE",
      requirement: "A subscriber gets its own messages too.",
      choice:
        "On general destinations. A mailbox does not send a session what it wrote itself after the `head` of its subscription; the user's other sessions get it.",
    },
  },
} as const satisfies Section;

export const SUBSCRIBE = {
  title: "SUBSCRIBE, UNSUBSCRIBE, MESSAGE",
  tests: "subscribe.test.ts",
  points: {
    58: {
      level: "M",
      versions: ALL,
      heading: "SUBSCRIBE id Header",
      requirement: "`id` is required from 1.1 on; in 1.0 a subscription may go by its destination.",
      choice:
        "Without id: one per destination, MESSAGE without `subscription`, UNSUBSCRIBE by `destination`.",
    },
    59: {
      level: "M",
      versions: FROM_1_1,
      heading: "SUBSCRIBE id Header",
      requirement: "An id that is in use ends the connection.",
    },
    60: {
      level: "M",
      versions: ALL,
      heading: "SUBSCRIBE",
      requirement: "Each of several subscriptions of a connection to one topic gets a copy.",
    },
    61: {
      level: "M",
      versions: ALL,
      heading: "SUBSCRIBE ack Header",
      requirement:
        "`ack` is `auto`, which is the default, `client` or, from 1.1 on, `client-individual`; others end the connection.",
    },
    62: {
      level: "M",
      versions: FROM_1_1,
      heading: "SUBSCRIBE",
      requirement: "A subscription that cannot be made is answered with ERROR and close.",
      deviation:
        "A session that subscribed to `/user/queue/errors` gets a refused SUBSCRIBE there and goes on. Others get ERROR and close.",
    },
    63: {
      level: "M",
      versions: ALL,
      heading: "UNSUBSCRIBE",
      requirement: "Once it is processed no MESSAGE follows.",
      choice: "What was not ACKed goes back to the head of its queue.",
    },
    64: {
      level: "M",
      versions: FROM_1_1,
      heading: "UNSUBSCRIBE",
      requirement: "An unknown id ends the connection.",
      choice: "The id of a SUBSCRIBE that was refused is known: its UNSUBSCRIBE succeeds.",
    },
    65: {
      level: "M",
      versions: ALL,
      heading: "MESSAGE",
      requirement:
        "MESSAGE has `destination`, a unique `message-id`, `subscription`, and `ack` exactly in the client modes.",
      choice: "`ack` is there in 1.0 and 1.1 too, which do not need it.",
    },
    66: {
      level: "B",
      versions: ALL,
      heading: "UNSUBSCRIBE",
      requirement: "An id may be used again after UNSUBSCRIBE, with another `ack` mode.",
    },
    67: {
      level: "B",
      versions: ALL,
      heading: "MESSAGE",
      requirement:
        "Messages come in the order in which they were accepted; SUBSCRIBE and UNSUBSCRIBE take effect in the order of the frames.",
    },
  },
} as const satisfies Section;

export const ACK = {
  title: "ACK and NACK",
  tests: "ack.test.ts",
  points: {
    68: {
      level: "M",
      versions: ALL,
      heading: "ACK",
      requirement:
        "1.2 names the delivery by `id`, 1.1 by `message-id` and `subscription`, 1.0 by `message-id`; 1.0 has no NACK.",
    },
    69: {
      level: "M",
      versions: ALL,
      heading: "SUBSCRIBE ack Header",
      requirement: "In mode `client` ACK and NACK are cumulative, over that subscription alone.",
    },
    70: {
      level: "M",
      versions: FROM_1_1,
      heading: "SUBSCRIBE ack Header",
      requirement: "In mode `client-individual` they are about exactly one message.",
    },
    71: {
      level: "M",
      versions: ALL,
      heading: "ACK; NACK",
      requirement: "An id that is unknown, settled or of an `auto` subscription ends the connection.",
      choice:
        "Each delivery has an `ack` of its own; a `message-id`, in 1.0 and 1.1, is the delivery that waits when the frame comes. An id that an earlier ACK of the same transaction settles is absorbed.",
    },
    72: {
      level: "Y",
      versions: FROM_1_1,
      heading: "NACK",
      requirement: "What NACK does is the server's choice.",
      choice:
        "It brings a message back to the head of its queue with `redelivered` and `delivery-attempt`; with `requeue:false`, or after `MAX_DELIVERY_ATTEMPTS`, it becomes a dead letter. On topics it settles; in a mailbox it is refused.",
    },
    73: {
      level: "Y",
      versions: ALL,
      heading: "SUBSCRIBE ack Header",
      requirement: "What is not ACKed when the connection is lost goes to another consumer.",
      choice: "At the head of the queue, in the original order, marked `redelivered`.",
    },
    74: {
      level: "B",
      versions: ALL,
      heading: "SUBSCRIBE ack Header",
      requirement: "On topics un-ACKed means the window and nothing else, and the page says so.",
    },
  },
} as const satisfies Section;

export const TRANSACTIONS = {
  title: "Transactions",
  tests: "transactions.test.ts",
  points: {
    75: {
      level: "M",
      versions: ALL,
      heading: "BEGIN; COMMIT; ABORT",
      requirement:
        "`transaction` is required; a missing one, a second BEGIN and an id that is not open end the connection.",
    },
    76: {
      level: "M",
      versions: ALL,
      heading: "BEGIN",
      requirement:
        "SEND, ACK and NACK take effect together at COMMIT, nothing before; ABORT drops them; SUBSCRIBE and UNSUBSCRIBE take no part.",
    },
    77: {
      level: "M",
      versions: ALL,
      heading: "BEGIN",
      requirement: "DISCONNECT and the loss of the connection abort what is open.",
    },
    78: {
      level: "M",
      versions: ALL,
      heading: "BEGIN",
      requirement: "Ids are the connection's own and may be used again after COMMIT and ABORT.",
    },
    79: {
      level: "B",
      versions: ALL,
      heading: "Size Limits",
      requirement: "There are bounds on open transactions, their frames, their octets and their time.",
      choice: "4, 32, 1 MiB and 30 s; all are options.",
    },
    80: {
      level: "B",
      versions: ALL,
      heading: "SEND",
      requirement: "Whether the sender may is asked at SEND and again at COMMIT.",
    },
    81: {
      level: "M",
      versions: ALL,
      heading: "ABORT",
      requirement: "ABORT leaves outstanding what was ACKed or NACKed inside.",
    },
  },
} as const satisfies Section;
