/** Of the addresses that visitors tell, only web addresses become links. */
import { expect, it } from "vitest";
import { linkTo } from "../../../../src/web/console/page-address.ts";

it.each([
  ["https://shop.example/", "shop.example"],
  ["https://shop.example/tea/green?utm=1#top", "shop.example/tea/green"],
  ["http://shop.example:8080/tea", "shop.example:8080/tea"],
  ["https://shop.example/%C3%A9t%C3%A9", "shop.example/été"],
  ["https://shop.example/%E2%80%AEmoc.live", "shop.example/%E2%80%AEmoc.live"],
  ["https://shop.example/%E0%A4%A", "shop.example/%E0%A4%A"],
  ["https://user:secret@shop.example/", "shop.example"],
])("%s leads to %s", (url, place) => {
  expect(linkTo(url)).toEqual({ href: new URL(url).href, place });
});

it.each([
  "javascript:alert(1)",
  "JavaScript:alert(1)//https://shop.example/",
  "data:text/html,<script>alert(1)</script>",
  "file:///etc/passwd",
  "blob:https://shop.example/1",
  "//shop.example/",
  "shop.example",
  "",
])("%j leads nowhere", (url) => {
  expect(linkTo(url)).toBeUndefined();
});
