/**
 * Milliseconds of a clock that only ever goes forward, from no particular beginning. `performance.now()`
 * would do, but it loads a dozen modules when it is first used, which costs each start 1.5 ms.
 */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
