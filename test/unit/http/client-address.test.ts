/** The client's address: X-Forwarded-For is believed as far as TRUST_PROXY names who wrote it, no farther. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createAddressReader } from "../../../src/adapters/http/client-address.ts";
import { parseProxies } from "../../../src/config-values.ts";

const CLIENT = "203.0.113.9";
const FORGED = "198.51.100.66";

function requestFrom(peer: string | undefined, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers["x-forwarded-for"] = forwarded;
  return request;
}

/** The address read with this TRUST_PROXY; undefined is the variable left out. */
function addressOf(trust: string | undefined, peer: string | undefined, forwarded?: string): string {
  const read = createAddressReader(
    trust === undefined ? { kind: "none" } : parseProxies(trust),
    () => undefined,
  );
  return read(requestFrom(peer, forwarded));
}

type Row = readonly [
  trust: string | undefined,
  peer: string | undefined,
  forwarded: string | undefined,
  address: string,
];

describe("without X-Forwarded-For", () => {
  it.each<Row>([
    [undefined, "192.0.2.1", undefined, "192.0.2.1"],
    ["loopback", "127.0.0.1", undefined, "127.0.0.1"],
    ["1", "10.0.0.1", undefined, "10.0.0.1"],
    [undefined, "2001:db8::1", undefined, "2001:db8::1"],
    [undefined, "::ffff:192.0.2.1", undefined, "192.0.2.1"],
    [undefined, "::FFFF:192.0.2.1", undefined, "192.0.2.1"],
    [undefined, undefined, undefined, ""],
  ])("TRUST_PROXY=%s, peer %s%s: %s", (trust, peer, forwarded, address) => {
    expect(addressOf(trust, peer, forwarded)).toBe(address);
  });
});

describe("a forged X-Forwarded-For", () => {
  it.each<Row>([
    [undefined, "192.0.2.1", FORGED, "192.0.2.1"],
    [undefined, "127.0.0.1", FORGED, "127.0.0.1"],
    ["0", "127.0.0.1", FORGED, "127.0.0.1"],
    ["loopback", "192.0.2.1", FORGED, "192.0.2.1"],
    ["loopback", "192.0.2.1", "127.0.0.1", "192.0.2.1"],
    ["loopback", "127.0.0.1", `${FORGED}, ${CLIENT}`, CLIENT],
    ["loopback", "127.0.0.1", `127.0.0.1, ${FORGED}, ${CLIENT}`, CLIENT],
    ["10.0.0.0/8", "192.0.2.1", FORGED, "192.0.2.1"],
    ["10.0.0.0/8", "10.0.0.1", `10.0.0.9, ${CLIENT}`, CLIENT],
    ["1", "10.0.0.1", `${FORGED}, ${CLIENT}`, CLIENT],
    ["1", "10.0.0.1", `${FORGED},${FORGED},${FORGED},${CLIENT}`, CLIENT],
    ["2", "10.0.0.1", `${FORGED}, ${CLIENT}, 10.0.0.2`, CLIENT],
    ["fd00::/8", "2001:db8::1", FORGED, "2001:db8::1"],
  ])("TRUST_PROXY=%s, peer %s, header %j: %s", (trust, peer, forwarded, address) => {
    expect(addressOf(trust, peer, forwarded)).toBe(address);
  });
});

describe("a trusted X-Forwarded-For", () => {
  it.each<Row>([
    ["loopback", "127.0.0.1", CLIENT, CLIENT],
    ["loopback", "127.8.8.8", CLIENT, CLIENT],
    ["loopback", "::1", CLIENT, CLIENT],
    ["loopback", "::ffff:127.0.0.1", CLIENT, CLIENT],
    ["loopback", "::1", "2001:db8::9", "2001:db8::9"],
    ["1", "192.0.2.1", CLIENT, CLIENT],
    ["2", "192.0.2.1", `${CLIENT}, 192.0.2.2`, CLIENT],
    ["2", "192.0.2.1", CLIENT, CLIENT],
    ["10.0.0.0/8", "10.255.255.255", CLIENT, CLIENT],
    ["10.0.0.0/8", "11.0.0.0", CLIENT, "11.0.0.0"],
    ["10.1.2.3/8", "10.9.9.9", CLIENT, CLIENT],
    ["10.0.0.0/8", "10.0.0.1", `${CLIENT}, 10.0.0.3, 10.0.0.2`, CLIENT],
    ["10.0.0.0/8,192.168.0.0/16", "192.168.7.7", `${CLIENT}, 10.0.0.3`, CLIENT],
    ["10.0.0.7", "10.0.0.7", CLIENT, CLIENT],
    ["10.0.0.7", "10.0.0.8", CLIENT, "10.0.0.8"],
    ["fd00::/8", "fd12:3456::1", CLIENT, CLIENT],
    ["fd00::/8", "fd12:3456::1", `${CLIENT}, fd00::2`, CLIENT],
    ["fd00::/8", "fe80::1", CLIENT, "fe80::1"],
    ["::1", "0:0:0:0:0:0:0:1", CLIENT, CLIENT],
    ["10.0.0.0/8", "::ffff:10.0.0.1", CLIENT, CLIENT],
    ["10.0.0.0/8", "10.0.0.1", `${CLIENT}, ::ffff:10.0.0.2`, CLIENT],
    ["10.0.0.0/8", "10.0.0.1", `::FFFF:${CLIENT}`, CLIENT],
    ["::ffff:10.0.0.0/104", "10.0.0.1", CLIENT, CLIENT],
    ["0.0.0.0/0", "192.0.2.1", `${CLIENT}, 192.0.2.7`, CLIENT],
    ["10.0.0.0/8", "10.0.0.1", ` ${CLIENT} ,\t10.0.0.2 `, CLIENT],
  ])("TRUST_PROXY=%s, peer %s, header %j: %s", (trust, peer, forwarded, address) => {
    expect(addressOf(trust, peer, forwarded)).toBe(address);
  });

  it.each<Row>([
    ["loopback", "127.0.0.1", `${CLIENT}:50000`, CLIENT],
    ["loopback", "127.0.0.1", "[2001:db8::9]:50000", "2001:db8::9"],
    ["loopback", "127.0.0.1", "[2001:db8::9]", "2001:db8::9"],
    ["10.0.0.0/8", "10.0.0.1", `${CLIENT}:1, 10.0.0.2:2`, CLIENT],
    ["10.0.0.0/8", "10.0.0.1", `[::ffff:${CLIENT}]:1`, CLIENT],
  ])("may have ports: TRUST_PROXY=%s, peer %s, header %j: %s", (trust, peer, forwarded, address) => {
    expect(addressOf(trust, peer, forwarded)).toBe(address);
  });

  it.each<Row>([
    ["loopback", "127.0.0.1", "", "127.0.0.1"],
    ["loopback", "127.0.0.1", "unknown", "127.0.0.1"],
    ["loopback", "127.0.0.1", "_hidden, -", "127.0.0.1"],
    ["loopback", "127.0.0.1", "999.1.1.1", "127.0.0.1"],
    ["loopback", "127.0.0.1", "01.2.3.4", "127.0.0.1"],
    ["loopback", "127.0.0.1", "1.2.3.4:port", "127.0.0.1"],
    ["loopback", "127.0.0.1", "[1.2.3.4", "127.0.0.1"],
    ["loopback", "127.0.0.1", "::ffff:cafe:1.2.3", "127.0.0.1"],
    ["loopback", "127.0.0.1", "<script>", "127.0.0.1"],
    ["loopback", "127.0.0.1", ",,,", "127.0.0.1"],
    ["loopback", "127.0.0.1", `${CLIENT}, unknown`, "127.0.0.1"],
    ["loopback", "127.0.0.1", `unknown, ${CLIENT}`, CLIENT],
    ["10.0.0.0/8", "10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2"],
    ["2", "10.0.0.1", "unknown", "10.0.0.1"],
    ["2", "10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2"],
    ["3", "10.0.0.1", `${FORGED}, unknown, 10.0.0.2`, "10.0.0.2"],
  ])(
    "ends at garbage, with the nearest address: TRUST_PROXY=%s, peer %s, header %j: %s",
    (trust, peer, forwarded, address) => {
      expect(addressOf(trust, peer, forwarded)).toBe(address);
    },
  );

  it("with a zone in it, or a thousand entries, does not throw", () => {
    for (const trust of ["loopback", "fe80::/10", "10.0.0.0/8", "5"]) {
      for (const header of ["fe80::1%eth0", "fe80::1%", Array(1000).fill("127.0.0.1").join()]) {
        expect(addressOf(trust, "127.0.0.1", header)).not.toBe("");
      }
    }
  });
});

it("each peer that is not believed is told of, and none that is, or that sends no X-Forwarded-For", () => {
  const ignored: string[] = [];
  const read = createAddressReader(parseProxies("10.0.0.0/8"), (peer) => ignored.push(peer));
  read(requestFrom("10.0.0.1", CLIENT));
  read(requestFrom("192.0.2.1"));
  expect(ignored).toEqual([]);
  read(requestFrom("192.0.2.1", CLIENT));
  read(requestFrom("::ffff:192.0.2.2", CLIENT));
  expect(ignored).toEqual(["192.0.2.1", "192.0.2.2"]);
});
