/** @stomp/stompjs as the judge: what it writes we read, and what we write it reads. */
import { FrameImpl, Parser } from "@stomp/stompjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VERSIONS } from "../../../src/stomp/commands.ts";
import { serializeFrame, serializeOctets } from "../../../src/stomp/serializer.ts";
import { cut, parserFor, readChunks } from "./reading.ts";
import type { IRawFrameType } from "@stomp/stompjs";
import type { Version } from "../../../src/stomp/commands.ts";

const names = fc.stringMatching(/^[a-z][a-z-]{0,10}$/).filter((name) => name !== "content-length");

/**
 * Values that stompjs itself can carry: it trims them, writes \r in 1.1 too, escapes nothing in 1.0, and reads an
 * escaped backslash before r, n or c wrongly (`hdrValueUnEscape` replaces in turn).
 */
function valuesFor(version: Version): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom(":", "\\", "\n", "\r", "é", "€", "😀"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  );
  const forbidden =
    version === "1.0"
      ? /[\0\r\n]/g
      : version === "1.1"
        ? /[\0\r]|\\(?=[\0\r]*[rnc\\:\n])/g
        : /\0|\\(?=\0*[rnc\\:\n\r])/g;
  return fc.string({ unit, maxLength: 10 }).map((text) => text.replace(forbidden, "").trim());
}

function headersFor(version: Version): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(names, valuesFor(version), { maxKeys: 6, noNullPrototype: true });
}

const cuts = fc.array(fc.nat({ max: 1000 }), { maxLength: 8 });

function octetsOf(frame: string | ArrayBuffer): Uint8Array {
  return typeof frame === "string" ? new TextEncoder().encode(frame) : new Uint8Array(frame);
}

function readByStompjs(octets: Uint8Array, version: Version): FrameImpl[] {
  const raw: IRawFrameType[] = [];
  const parser = new Parser(
    (frame) => raw.push(frame),
    () => undefined,
  );
  parser.parseChunk(octets.slice().buffer);
  return raw.map((frame) => FrameImpl.fromRawFrame(frame, version !== "1.0"));
}

describe.each(VERSIONS)("in STOMP %s", (version) => {
  const escapeHeaderValues = version !== "1.0";

  it("we read the text frames that stompjs writes", () => {
    fc.assert(
      fc.property(headersFor(version), fc.string({ unit: "grapheme" }), cuts, (headers, body, places) => {
        const octets = octetsOf(FrameImpl.marshall({ command: "SEND", headers, body, escapeHeaderValues }));
        const [frame, ...more] = readChunks(parserFor({ version }), cut(octets, places));
        const { "content-length": length, ...rest } = Object.fromEntries(frame?.headers ?? []);
        expect(more).toEqual([]);
        expect(rest).toEqual(headers);
        expect(frame?.body).toEqual([...new TextEncoder().encode(body)]);
        expect(length).toBe(body === "" ? undefined : String(frame?.body.length));
      }),
    );
  });

  it("we read the binary frames that stompjs writes", () => {
    fc.assert(
      fc.property(headersFor(version), fc.uint8Array(), cuts, (headers, binaryBody, places) => {
        const octets = octetsOf(
          FrameImpl.marshall({ command: "SEND", headers, binaryBody, escapeHeaderValues }),
        );
        const [frame] = readChunks(parserFor({ version }), cut(octets, places));
        expect(frame?.body).toEqual([...binaryBody]);
        expect(Object.fromEntries(frame?.headers ?? [])).toEqual({
          ...headers,
          "content-length": String(binaryBody.length),
        });
      }),
    );
  });

  it("stompjs reads the text frames that we write", () => {
    fc.assert(
      fc.property(headersFor(version), fc.string({ unit: "grapheme" }), (headers, body) => {
        const text = serializeFrame("MESSAGE", Object.entries(headers), body, version);
        const [frame, ...more] = readByStompjs(octetsOf(text), version);
        expect(more).toEqual([]);
        expect(frame?.body).toBe(body);
        expect(frame?.headers).toEqual({
          ...headers,
          "content-length": String(new TextEncoder().encode(body).length),
        });
      }),
    );
  });

  it("stompjs reads any octets that we write", () => {
    fc.assert(
      fc.property(headersFor(version), fc.uint8Array(), (headers, body) => {
        const octets = serializeOctets("ERROR", Object.entries(headers), body, version);
        const [frame] = readByStompjs(octets, version);
        expect([...(frame?.binaryBody ?? [])]).toEqual([...body]);
      }),
    );
  });
});

describe("connecting", () => {
  it("we read stompjs's CONNECT, a passcode with a backslash included, and it reads our CONNECTED", () => {
    const headers = {
      "accept-version": "1.2,1.1,1.0",
      "heart-beat": "10000,10000",
      login: "me",
      passcode: "a\\b:c",
    };
    const octets = octetsOf(FrameImpl.marshall({ command: "CONNECT", headers }));
    const [connect] = readChunks(parserFor(), [octets]);
    expect(Object.fromEntries(connect?.headers ?? [])).toEqual(headers);
    const connected = serializeFrame("CONNECTED", [["server", "a\\b:c"]], undefined, "1.2");
    expect(readByStompjs(octetsOf(connected), "1.2")[0]?.headers).toEqual({ server: "a\\b:c" });
  });
});
