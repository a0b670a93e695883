import fc from "fast-check";
import type { JsonValue } from "../../src/jsonrpc/json.ts";

const text = fc.string({ unit: "binary", maxLength: 12 });

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .bigInt({ min: 1n - 10n ** 20n, max: 10n ** 20n - 1n })
    .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
);

/** Any JSON value in the form that parseJson gives: integers beyond 2^53−1 are bigint, all others number. */
export const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    text,
    integer,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.oneof(text, fc.constant("__proto__"), fc.nat().map(String)), tie("value"), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
})).value;
