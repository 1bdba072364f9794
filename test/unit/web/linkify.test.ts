/** Links are found, and nothing but links. */
import { expect, it } from "vitest";
import { linkify } from "../../../src/web/shared/linkify.ts";

const link = (href: string): object => ({ href, text: href });

it.each([
  ["no link", ["no link"]],
  ["https://a.example", [link("https://a.example")]],
  ["see https://a.example/b?c=d#e, please.", ["see ", link("https://a.example/b?c=d#e"), ", please."]],
  ["(http://a.example)", ["(", link("http://a.example"), ")"]],
  ["http://a.example http://b.example", [link("http://a.example"), " ", link("http://b.example")]],
  ["javascript:alert(1)", ["javascript:alert(1)"]],
  ["data:text/html,x", ["data:text/html,x"]],
  ["xhttps://a.example", ["xhttps://a.example"]],
  ["https://", ["https://"]],
  ['https://a.example/"onmouseover=x', [link("https://a.example/"), '"onmouseover=x']],
  ["<b>https://a.example</b>", ["<b>", link("https://a.example"), "</b>"]],
  ["", []],
])("%j", (text, pieces) => {
  expect(linkify(text)).toEqual(pieces);
});
