/**
 * Column types that occur again and again in the OVN schemas (RFC 7047 §3.2 `<type>`).
 */
import type { OvsType } from "ovsdb-client-ts";

export const STRING_MAP = {
  key: "string",
  value: "string",
  min: 0,
  max: "unlimited",
} as const satisfies OvsType;
export const STRINGS = { key: "string", min: 0, max: "unlimited" } as const satisfies OvsType;
export const OPTIONAL_STRING = { key: "string", min: 0, max: 1 } as const satisfies OvsType;
export const OPTIONAL_BOOLEAN = { key: "boolean", min: 0, max: 1 } as const satisfies OvsType;
export const OPTIONAL_INTEGER = { key: "integer", min: 0, max: 1 } as const satisfies OvsType;
export const OPTIONAL_UUID = { key: { type: "uuid" }, min: 0, max: 1 } as const satisfies OvsType;
export const BACKOFF = {
  key: { type: "integer", minInteger: 1000 },
  min: 0,
  max: 1,
} as const satisfies OvsType;
