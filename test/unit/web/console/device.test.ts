/** What browsers call themselves, in words. */
import { expect, it } from "vitest";
import { deviceOf } from "../../../../src/web/console/device.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K)";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)";

it.each([
  [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, "Chrome on Windows"],
  [`${ANDROID} ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36`, "Chrome on Android"],
  [`${IPHONE} ${APPLE} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1`, "Chrome on iPhone"],
  [`${MAC} ${APPLE} Version/18.5 Safari/605.1.15`, "Safari on Mac"],
  [`${IPHONE} ${APPLE} Version/18.5 Mobile/15E148 Safari/604.1`, "Safari on iPhone"],
  ["Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1", "Safari on iPad"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"],
  [`${IPHONE} ${APPLE} FxiOS/143.0 Mobile/15E148 Safari/605.1.15`, "Firefox on iPhone"],
  [`${WINDOWS} ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, "Edge on Windows"],
  [`${ANDROID} ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36 EdgA/140.0.0.0`, "Edge on Android"],
  [`${WINDOWS} ${WEBKIT} Chrome/139.0.0.0 Safari/537.36 OPR/124.0.0.0`, "Opera on Windows"],
  [
    `${ANDROID} ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    "Samsung Internet on Android",
  ],
  [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`, "Chrome on ChromeOS"],
  [`${IPHONE} ${APPLE} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]`, "Facebook app on iPhone"],
  [`${IPHONE} ${APPLE} Mobile/15E148`, "Unknown browser on iPhone"],
  ["Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0.0.0 Safari/537.36", "Chrome on Linux"],
  ["curl/8.14.1", "curl"],
  ["PostmanRuntime/7.45.0", "PostmanRuntime"],
  ["node", "node"],
  ["Mozilla/5.0", "Unknown browser"],
  ["", "Unknown browser"],
  ["<script>alert(1)</script>", "Unknown browser"],
])("%s", (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});
