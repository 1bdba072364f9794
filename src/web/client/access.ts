/** Who the next CONNECT speaks for: the newest token, else the credentials the program gave. */
import type { Headers } from "./headers.ts";
import type { PublicPrincipal } from "../../chat/wire.ts";
import type { Credentials, TokenStore } from "./types.ts";

const GUEST = "cc_g.";
const KINDS: readonly (readonly [prefix: string, kind: PublicPrincipal["kind"]])[] = [
  [GUEST, "guest"],
  ["cc_c.", "customer"],
  ["cc_s_", "agent"],
  ["cc_v_", "service"],
];

export class Access {
  readonly #tokens: TokenStore | undefined;
  readonly #credentials: Credentials;
  #token: string | undefined;
  #used: string | undefined;
  #refused: string | undefined;
  /** Settles when it is known whether the guest's token has become a customer's. */
  identifying: Promise<unknown> | undefined;

  constructor(tokens: TokenStore | undefined, credentials: Credentials) {
    this.#tokens = tokens;
    this.#credentials = credentials;
  }

  /** The newest token: another tab may have renewed it. */
  get token(): string | undefined {
    const stored = this.#tokens?.load() ?? this.#token;
    if (stored !== undefined) return stored;
    return this.#credentials !== undefined && "token" in this.#credentials
      ? this.#credentials.token
      : undefined;
  }

  /** A guest's token, to become a customer with. */
  get guestToken(): string | undefined {
    const { token } = this;
    return token?.startsWith(GUEST) === true ? token : undefined;
  }

  /** Headers of a CONNECT; `login` exchanges login and passcode for a token, which the queries need too. */
  async headers(login: (login: string, passcode: string) => Promise<{ token: string }>): Promise<Headers> {
    const credentials = this.#credentials;
    const isRefused = (): boolean => this.#refused !== undefined && this.token === this.#refused;
    // The server ends the guest before its answer is here: somebody new would send again what is stored.
    if (isRefused()) await this.identifying;
    if (isRefused()) this.keep(undefined);
    if (this.token === undefined && credentials !== undefined && "login" in credentials) {
      this.keep((await login(credentials.login, credentials.passcode)).token);
    }
    this.#used = this.token;
    return this.#used === undefined ? {} : { passcode: this.#used };
  }

  /** Keeps a token; `undefined` forgets it. */
  keep(token: string | undefined): void {
    this.#token = token;
    this.#tokens?.save(token);
  }

  /** Who CONNECTED is, as far as the credentials tell. */
  principalOf(id: string): PublicPrincipal {
    const token = this.#used;
    const known = KINDS.find(([prefix]) => token?.startsWith(prefix) === true);
    return { id, kind: known?.[1] ?? "guest" };
  }

  /** The token was refused; whether there is something else to come with. */
  refused(): boolean {
    const used = this.#used;
    // Another tab has a newer one, or the session itself was given one.
    if (this.token !== undefined && this.token !== used) return true;
    const canRenew = this.#credentials !== undefined && "login" in this.#credentials;
    if (used === undefined || !(used.startsWith(GUEST) || canRenew)) return false;
    // Another tab may be about to keep the one that replaces it: the next CONNECT looks again.
    this.#refused = used;
    return true;
  }
}
