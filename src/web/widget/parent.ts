/** The host page as the panel sees it: one origin, known from the address of the frame. */
import { unwrap, wrap } from "./messages.ts";
import type { ToLoader, ToPanel } from "./messages.ts";

export type Parent = {
  post(message: ToLoader): void;
};

export function connectParent(received: (message: ToPanel) => void): Parent {
  const origin = new URLSearchParams(location.search).get("parent") ?? location.origin;
  addEventListener("message", (event) => {
    const message = unwrap(event, parent, origin) as ToPanel | undefined;
    if (message !== undefined) received(message);
  });
  return {
    post: (message) => {
      if (parent !== window) parent.postMessage(wrap(message), origin);
    },
  };
}
