/** The host page as the panel sees it: one origin, known from the address of the frame. */
import { originOf, unwrap, wrap } from "./messages.ts";
import type { ToLoader, ToPanel } from "./messages.ts";

export type Parent = {
  /** Without a parent, and to one that cannot be told, nothing is said. */
  post(message: ToLoader): void;
  /** `alone`: a page of its own. `unknown`: a frame whose address does not say of which page. */
  readonly kind: "alone" | "known" | "unknown";
};

export function connectParent(received: (message: ToPanel) => void): Parent {
  const origin = originOf(location.search);
  if (parent === window || origin === undefined) {
    return { post: () => undefined, kind: parent === window ? "alone" : "unknown" };
  }
  addEventListener("message", (event) => {
    const message = unwrap(event, parent, origin) as ToPanel | undefined;
    if (message !== undefined) received(message);
  });
  return {
    post: (message) => {
      parent.postMessage(wrap(message), origin);
    },
    kind: "known",
  };
}
