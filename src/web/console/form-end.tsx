/** How a form ends: what went wrong, the button that does it, and the way out. */
import type { JSX } from "preact";

export type FormEndProps = {
  /** Why it did not work; empty while nothing went wrong. */
  readonly problem: string;
  /** The word of the button that does it. */
  readonly action: string;
  /** It takes something away from somebody. */
  readonly isDangerous?: boolean;
  readonly isDisabled: boolean;
  readonly cancel: () => void;
};

export function FormEnd({
  problem,
  action,
  isDangerous = false,
  isDisabled,
  cancel,
}: FormEndProps): JSX.Element {
  return (
    <>
      <p class="problem" role="alert">
        {problem}
      </p>
      <div class="buttons">
        <button type="submit" class={isDangerous ? "primary dangerous" : "primary"} disabled={isDisabled}>
          {action}
        </button>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </>
  );
}
