/** What the agent wants to be alerted to, and how. */
import { SILENT } from "./alert-rules.ts";
import { rules, setRules, test } from "./alerts.ts";
import { askPermission, permission } from "./notices.ts";
import type { JSX } from "preact";
import type { Volume } from "./alert-rules.ts";

const VOLUMES: readonly (readonly [Volume, string])[] = [
  ["quiet", "Quiet"],
  ["normal", "Normal"],
  ["loud", "Loud"],
];

export function AlertSettings(): JSX.Element {
  const wanted = rules.value ?? SILENT;
  const { waiting, mine, volume } = wanted;
  return (
    <div class="alert-settings">
      <fieldset>
        <legend>Chats that wait</legend>
        <Choice
          label="Sound"
          isOn={waiting.sound}
          set={(sound) => setRules({ ...wanted, waiting: { ...waiting, sound } })}
        />
        <Choice
          label="Desktop notification"
          isOn={waiting.notification}
          isFor="notifications"
          set={(notification) => setRules({ ...wanted, waiting: { ...waiting, notification } })}
        />
        <Choice
          label="Repeat until somebody claims"
          isOn={waiting.repeat}
          set={(repeat) => setRules({ ...wanted, waiting: { ...waiting, repeat } })}
        />
        <p class="hint">Only while your status is Online.</p>
      </fieldset>
      <fieldset>
        <legend>Messages in my chats</legend>
        <Choice
          label="Sound"
          isOn={mine.sound}
          set={(sound) => setRules({ ...wanted, mine: { ...mine, sound } })}
        />
        <Choice
          label="Desktop notification"
          isOn={mine.notification}
          isFor="notifications"
          set={(notification) => setRules({ ...wanted, mine: { ...mine, notification } })}
        />
      </fieldset>
      <div class="volume">
        <label>
          Volume{" "}
          <select
            value={volume}
            onChange={(event) => {
              setRules({ ...wanted, volume: event.currentTarget.value as Volume });
              test();
            }}
          >
            {VOLUMES.map(([value, name]) => (
              <option value={value}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={test}>
          Test
        </button>
      </div>
      <p class="hint" role="status">
        {PERMISSION[permission.value]}
      </p>
    </div>
  );
}

const PERMISSION: Readonly<Record<NotificationPermission | "none", string>> = {
  granted: "",
  default: "",
  denied: "Your browser blocks notifications of this page. Allow them in its settings for this site.",
  none: "This browser shows no notifications of this page. They need https, and a desktop.",
};

function Choice({
  label,
  isOn,
  isFor = "sound",
  set,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly isFor?: "sound" | "notifications";
  readonly set: (isOn: boolean) => void;
}): JSX.Element {
  const isBlocked = isFor === "notifications" && ["denied", "none"].includes(permission.value);
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={isOn && !isBlocked}
        disabled={isBlocked}
        onChange={(event) => {
          set(event.currentTarget.checked);
          if (isFor === "notifications" && event.currentTarget.checked) void askPermission();
        }}
      />{" "}
      {label}
    </label>
  );
}
