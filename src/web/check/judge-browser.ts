/** In plain words: what this browser keeps for the page. */
import { keeps } from "./other-sites.ts";
import { note, problem, well } from "./row.ts";
import type { Row } from "./row.ts";

/** Tries it. Cookies are never used, so nothing is said of them. */
export function judgeStorage(host: string): Row {
  const name = "Storage";
  const blocked = (["localStorage", "sessionStorage"] as const).filter((kind) => !keeps(kind));
  if (blocked.length === 0)
    return well(name, "This browser keeps what the chat needs. Cookies are not used.");
  return problem(
    name,
    `This browser keeps nothing (${blocked.join(", ")} blocked). You can chat, but a reload forgets who you are, and agents sign in each time.`,
    `Allow ${host} to save data in the browser's settings for cookies and site data, or leave private browsing.`,
  );
}

/** `isKept` is what was found in a frame of another site. The chat helps itself there, so it is no problem. */
export function judgeOtherSites(isKept: boolean, host: string): Row {
  const name = "Storage on other sites";
  if (isKept)
    return well(
      name,
      "Where a web site shows this chat, the browser keeps what it needs, for each site apart. A private window forgets it when it is closed.",
    );
  return note(
    name,
    "Where a web site shows this chat, this browser lets it keep nothing. You can chat all the same: the site keeps who you are, and only there. A site that keeps nothing either forgets you with each reload.",
    `Nothing has to be done. To be known without the site's help, allow ${host} in the browser's settings for third-party cookies and site data.`,
  );
}
