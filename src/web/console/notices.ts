/** Desktop notifications, each under a name: one of a name at a time, and gone when what it told of is. */
import { signal } from "@preact/signals";

export type Notice = {
  readonly title: string;
  readonly body: string;
  /** What a click leads to; the window is in front then. */
  readonly open: () => void;
};

/** `none`: this browser shows no notifications of a page, or not without TLS. */
export const permission = signal<NotificationPermission | "none">(
  "Notification" in globalThis ? Notification.permission : "none",
);

/** Asks once, in a gesture; an answer that was given stays. */
export async function askPermission(): Promise<void> {
  if (permission.peek() === "default") permission.value = await Notification.requestPermission();
}

export class Notices {
  readonly #shown = new Map<string, Notification>();

  get names(): readonly string[] {
    return [...this.#shown.keys()];
  }

  /** Shows it, in the place of the one of that name. */
  show(name: string, { title, body, open }: Notice): void {
    if (permission.peek() !== "granted") return;
    const options = { body, tag: name, renotify: true };
    let notification: Notification;
    try {
      notification = new Notification(title, options);
    } catch {
      // Browsers of phones have the name and refuse the thing.
      permission.value = "none";
      return;
    }
    notification.addEventListener("click", () => {
      window.focus();
      open();
      this.close(name);
    });
    this.#shown.set(name, notification);
  }

  close(name: string): void {
    this.#shown.get(name)?.close();
    this.#shown.delete(name);
  }

  closeAll(): void {
    for (const name of this.names) this.close(name);
  }
}
