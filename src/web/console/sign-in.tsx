/** The door. */
import { useRef, useState } from "preact/hooks";
import { notice, signIn } from "./session.ts";
import type { JSX } from "preact";

export function SignIn(): JSX.Element {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  const login = useRef<HTMLInputElement>(null);
  const passcode = useRef<HTMLInputElement>(null);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    const failed = await signIn(login.current?.value ?? "", passcode.current?.value ?? "");
    setBusy(false);
    if (failed === undefined) return;
    setProblem(failed);
    passcode.current?.select();
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)} aria-labelledby="sign-in-title">
        <h1 id="sign-in-title">Sign in to the console</h1>
        {notice.value !== "" && problem === "" && <p class="note">{notice.value}</p>}
        <label>
          Login
          <input ref={login} name="login" autocomplete="username" required autofocus />
        </label>
        <label>
          Passcode
          <input
            ref={passcode}
            name="passcode"
            {...(isShown ? { type: "text" } : { type: "password" })}
            autocomplete="current-password"
            required
            aria-invalid={problem !== ""}
            aria-describedby="sign-in-problem"
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={isShown} onChange={() => setShown(!isShown)} /> Show passcode
        </label>
        <p id="sign-in-problem" class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? "Signing in…" : "Sign in"}
        </button>
        <p class="hint">
          The first admin’s passcode was printed when the server first started. Add colleagues with{" "}
          <code>npm run admin -- add-agent</code>.
        </p>
      </form>
    </main>
  );
}
