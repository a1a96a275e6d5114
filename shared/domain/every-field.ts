/** Every field of a value by its name, optional ones too. A literal of this type that forgets one does not compile. */
export type EveryField<Value> = { readonly [Field in keyof Required<Value>]: Value[Field] };

/**
 * What is left of a value once all its fields were taken out of it. `rest satisfies NothingLeft` makes a field that was
 * forgotten a type error, an optional one too.
 */
export type NothingLeft = Record<string, never>;

/** The value with these fields; those that are undefined are left out. */
export const withFields = <Value extends object>(fields: EveryField<Value>): Value =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Value;

type FieldOfAny<Union> = Union extends unknown ? keyof Union : never;
type ValueIn<Union, Field> = Union extends unknown ? (Field extends keyof Union ? Union[Field] : never) : never;

/** What a value of a union may hold: every field that any of its members has. Any such value is one of these. */
export type AnyOf<Union> = { readonly [Field in FieldOfAny<Union>]?: ValueIn<Union, Field> };
