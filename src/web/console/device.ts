/** What somebody chats with, in words, from what the browser calls itself. */

/** In this order: most browsers name others too, so that old pages like them. */
const BROWSERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bFB(?:AN|AV|_IAB)\b/, "Facebook app"],
  [/\bInstagram\b/, "Instagram app"],
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\b(?:OPR|OPT|Opera|OPiOS)\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bYaBrowser\//, "Yandex Browser"],
  [/\bDuckDuckGo\//, "DuckDuckGo"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/\S+ .*\bSafari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac(?:intosh| OS X)\b/, "Mac"],
  [/\bLinux\b/, "Linux"],
];
const PROGRAM = /^(?!Mozilla\b)([A-Za-z][\w.-]{0,40})(?:\/|$)/;

/** Such as "Chrome on Android"; as much as is recognised. */
export function deviceOf(userAgent: string): string {
  const program = PROGRAM.exec(userAgent)?.[1];
  const browser = nameIn(BROWSERS, userAgent) ?? program ?? "Unknown browser";
  const system = nameIn(SYSTEMS, userAgent);
  return system === undefined ? browser : `${browser} on ${system}`;
}

function nameIn(list: typeof BROWSERS, userAgent: string): string | undefined {
  return list.find(([pattern]) => pattern.test(userAgent))?.[1];
}
