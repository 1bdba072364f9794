/** Blocked networks over the memory store's rows. */
import type { BlockTables, Key } from "../../chat/tables.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryBlocks implements BlockTables {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  add(network: string, user: Key): void {
    this.#rows().blockedNetworks.push({ network, user });
  }

  has(network: string): boolean {
    return this.#rows().blockedNetworks.some((row) => row.network === network);
  }

  of(user: Key): readonly string[] {
    return this.#rows()
      .blockedNetworks.filter((row) => row.user === user)
      .map(({ network }) => network)
      .sort();
  }

  dropOf(user: Key): void {
    const rows = this.#rows();
    rows.blockedNetworks = rows.blockedNetworks.filter((row) => row.user !== user);
  }
}
