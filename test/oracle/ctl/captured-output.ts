// Stands in for the module that writes to stdout and stderr, where programs run within the process of a test.

import { AsyncLocalStorage } from "node:async_hooks";

/** What a line prints, by file descriptor. */
export const capture = new AsyncLocalStorage<Record<1 | 2, string>>();

export function write(descriptor: 1 | 2, text: string): void {
  const texts = capture.getStore();
  if (texts === undefined) throw new Error(`output outside of a captured line: ${text}`);
  texts[descriptor] += text;
}
