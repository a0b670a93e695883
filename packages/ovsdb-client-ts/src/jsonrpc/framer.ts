/** Interface only, for now. */
import type { JsonValue } from "./json.ts";

export interface FramerOptions {
  /** Greatest size of one message in bytes. */
  maxMessageSize?: number;
  /** Greatest nesting of arrays and objects. */
  maxDepth?: number;
}

export class Framer {
  constructor(_onMessage: (message: JsonValue) => void, _options: FramerOptions = {}) {}
  push(_chunk: Uint8Array): void {}
}
