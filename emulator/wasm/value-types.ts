// Value types and function types (WebAssembly core specification 5.3): their names here, their codes in the binary.

/** A value type by its name in the text format. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref';

/** The types of a function's parameters and results. */
export type FunctionType = Readonly<{ params: readonly ValueType[]; results: readonly ValueType[] }>;

/** The byte that stands for each value type. */
export const VALUE_TYPE_CODE: Readonly<Record<ValueType, number>> = Object.freeze({
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
});

const typeOfCode: ReadonlyMap<number, ValueType> = new Map(
  Object.entries(VALUE_TYPE_CODE).map(([name, code]) => [code, name as ValueType]),
);

/** The value type a byte stands for, if any. */
export const valueTypeOf = (code: number): ValueType | undefined => typeOfCode.get(code);

/** `(i32, i32) -> (i64)`: how messages name a function type. */
export const formatType = ({ params, results }: FunctionType): string =>
  `(${params.join(', ')}) -> (${results.join(', ')})`;
