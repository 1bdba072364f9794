/** Keeps account of payloads, field by field and place by place: shown as they were written, or refused. */
import { expect } from "vitest";
import { PAYLOADS } from "../script-payloads.ts";
import { SHOWN_FIELDS } from "./shown-fields.ts";
import type { FieldName } from "./shown-fields.ts";

export type PlaceOf<Field extends FieldName> = (typeof SHOWN_FIELDS)[Field]["places"][number];

export class Ledger {
  readonly #refused = new Map<FieldName, number>();
  readonly #shown = new Map<string, number>();
  readonly #silent = new Map<string, number>();

  /** The field does not take so many of the payloads. */
  refused(field: FieldName, count: number): void {
    this.#refused.set(field, (this.#refused.get(field) ?? 0) + count);
  }

  /** The place shows exactly these texts. So many `payloads` stand in them: all, but for those that the field does not take. */
  shown<Field extends FieldName>(
    field: Field,
    place: PlaceOf<Field>,
    texts: readonly string[],
    wanted: readonly string[],
    payloads = PAYLOADS.length,
  ): void {
    expect(texts, `${field}: ${place}`).toEqual(wanted);
    const key = `${field}: ${place}`;
    this.#shown.set(key, (this.#shown.get(key) ?? 0) + payloads);
  }

  /** The place was looked at with all of them in the field, and shows nothing of it. */
  silent<Field extends FieldName>(field: Field, place: PlaceOf<Field>): void {
    this.#silent.set(`${field}: ${place}`, PAYLOADS.length);
  }

  /** Each payload was in each field, and each place of those that were not refused was looked at. */
  expectComplete(): void {
    const counts = this.#places().map(([field, place]) => {
      const shown = this.#shown.get(`${field}: ${place}`) ?? this.#silent.get(`${field}: ${place}`) ?? 0;
      return [`${field}: ${place}`, shown + (this.#refused.get(field) ?? 0)];
    });
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(counts.map(([place]) => [place, PAYLOADS.length])),
    );
  }

  get line(): string {
    const sum = (of: Iterable<number>): number => [...of].reduce((all, one) => all + one, 0);
    const fields = Object.keys(SHOWN_FIELDS).length;
    return [
      `scripts: ${PAYLOADS.length} payloads × ${fields} fields × ${this.#places().length} places`,
      `${sum(this.#refused.values())} refused`,
      `${sum(this.#shown.values())} shown as text`,
      `${sum(this.#silent.values())} shown nowhere`,
    ].join(", ");
  }

  #places(): (readonly [FieldName, string])[] {
    return Object.entries(SHOWN_FIELDS).flatMap(([field, { places }]) =>
      places.map((place) => [field as FieldName, place] as const),
    );
  }
}
