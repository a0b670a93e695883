/** One line: the only one of a process. */
import type { LineHost, ParsedLine, Print } from "../run/index.ts";
import { connect, copyFor, loadLine, runOn } from "../run/index.ts";

/**
 * Runs the only line of a process. What it prints is handed to `print` once it is committed, and before any
 * wait for the southbound database.
 *
 * @throws CommandError with the text for the user.
 */
export async function runLine(parsed: ParsedLine, print: Print): Promise<void> {
  const line = await loadLine(parsed);
  const client = await connect(line);
  const host: LineHost = {
    client,
    retry: false,
    use: (requests) => copyFor(client, requests),
    pause: (event) => event(),
  };
  try {
    await runOn(host, line, print);
  } finally {
    void client.close();
  }
}
