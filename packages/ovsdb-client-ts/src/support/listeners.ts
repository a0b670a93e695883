/** Telling those who listen what happened. */

/**
 * Calls each listener. What one throws is a mistake of the program, not of the server that the news came
 * from: the others still hear it, the data stay as they are, and the process learns of it as of any exception
 * that nobody catches.
 *
 * @example tell(this.#listeners, changes);
 */
export function tell<T>(listeners: Iterable<(news: T) => void>, news: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(news);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
