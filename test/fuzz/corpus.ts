/** Frames that a client may send, one or more for everything the server can do: what the fuzzers mutate and cut. */

export type CorpusFrame = {
  readonly command: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** `{me}`, `{ack}` and `{message}` stand for what the session knows: its user, and a delivery it got. */
const TEXTS = [
  "CONNECT\naccept-version:1.0,1.1,1.2\nheart-beat:10000,10000\nhost:x\n\n^@",
  "STOMP\naccept-version:1.2\n\n^@",
  "SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\n\n^@",
  "SUBSCRIBE\nid:events\ndestination:/user/queue/events\nreceipt:s-1\n\n^@",
  "SUBSCRIBE\nid:box\ndestination:/user/queue/messages\nack:client\nsince:cafe-0\nreceipt:s-2\n\n^@",
  "SUBSCRIBE\nid:desk\ndestination:/chat/topic/support\nack:auto\n\n^@",
  "SUBSCRIBE\nid:t\ndestination:/topic/a/*\nprefetch:3\nack:client\n\n^@",
  "SUBSCRIBE\nid:t2\ndestination:/topic/**\n\n^@",
  "SUBSCRIBE\nid:q\ndestination:/queue/a\nack:client-individual\nprefetch:2\n\n^@",
  "SUBSCRIBE\nid:q2\ndestination:/queue/dead-letters/a\nack:auto\n\n^@",
  "UNSUBSCRIBE\nid:t\nreceipt:u-1\n\n^@",
  "UNSUBSCRIBE\ndestination:/queue/a\n\n^@",
  'SEND\ndestination:/chat/message\nreceipt:m-1\ncontent-type:application/json\n\n{"userFrom":"{me}","userTo":"support","message":"hello \\u00e9","clientId":"c-1"}^@',
  'SEND\ndestination:/chat/message\n\n{"userFrom":"{me}","userTo":"support","message":"two"}^@',
  'SEND\ndestination:/chat/invite\nreceipt:i-1\n\n{"user":"{me}","message":"hi"}^@',
  'SEND\ndestination:/chat/claim\n\n{"conversation":"{message}"}^@',
  'SEND\ndestination:/chat/transfer\n\n{"conversation":"{message}","to":"{me}"}^@',
  'SEND\ndestination:/chat/read\n\n{"conversation":"{message}","seq":1}^@',
  'SEND\ndestination:/chat/typing\n\n{"conversation":"{message}","typing":true}^@',
  'SEND\ndestination:/chat/history\nreceipt:h-1\n\n{"conversation":"{message}","limit":5}^@',
  "SEND\ndestination:/topic/a/b\npriority:9\ncontent-length:5\n\nab\0cd^@",
  "SEND\ndestination:/queue/a\nexpires:4102444800000\nreceipt:q-1\nx:a\\cb\\\\c\\n\n\nwork^@",
  "SEND\ndestination:/queue/a\npersistent:true\ntransaction:t1\n\nmore^@",
  "SEND\ndestination:/queue/a\nreply-to:/temp-queue/mine\n\nask^@",
  "ACK\nid:{ack}\nreceipt:a-1\n\n^@",
  "ACK\nmessage-id:{message}\nsubscription:q\n\n^@",
  "NACK\nid:{ack}\nrequeue:false\n\n^@",
  "NACK\nmessage-id:{message}\nsubscription:q\ntransaction:t1\n\n^@",
  "BEGIN\ntransaction:t1\nreceipt:b-1\n\n^@",
  "COMMIT\ntransaction:t1\nreceipt:b-2\n\n^@",
  "ABORT\ntransaction:t1\n\n^@",
  "DISCONNECT\nreceipt:bye\n\n^@",
];

/** Body without its NUL. */
function parse(text: string): CorpusFrame {
  const at = text.indexOf("\n\n");
  const [command = "", ...lines] = text.slice(0, at).split("\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  return { command, headers, body: text.slice(at + 2).replace("^@", "") };
}

export const CORPUS: readonly CorpusFrame[] = TEXTS.map(parse);

/** As it goes over the wire, NUL included. */
export function frameText({ command, headers, body }: CorpusFrame, eol = "\n"): string {
  return `${[command, ...headers.map(([name, value]) => `${name}:${value}`), "", ""].join(eol)}${body}\0`;
}
