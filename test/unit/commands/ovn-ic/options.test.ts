import { expect, test } from "vitest";
import { parseDaemonOptions } from "../../../../src/commands/ovn-ic/daemon/options.ts";
import { connectOptions, syncOptions } from "../../../../src/commands/ovn-ic/sync-options.ts";

const MIB = 1024 * 1024;

const sync = (...args: string[]) => {
  const command = syncOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return connectOptions(command.parse(args, { from: "user" }).opts());
};
const daemon = (...args: string[]) => parseDaemonOptions(args, {});

test("TLS options reach the client's names, in the daemon and in `sync`", () => {
  const args = ["-p", "/k", "-c", "/c", "-C", "/ca", "--ssl-server-name=s", "--ssl-check-name"];
  const tls = { privateKey: "/k", certificate: "/c", caCert: "/ca", serverName: "s", checkName: true };
  expect(daemon(...args).tls).toEqual(tls);
  expect(sync(...args).tls).toEqual(tls);
  expect([daemon().tls, sync().tls]).toEqual([{}, {}]);
});

test("--max-message-size is a number of MiB", () => {
  for (const parse of [daemon, sync]) {
    expect(parse().maxMessageSize).toBeUndefined();
    expect(parse("--max-message-size=512").maxMessageSize).toBe(512 * MIB);
    for (const wrong of ["0", "-1", "1025", "12M", "", "1e2"])
      expect(() => parse(`--max-message-size=${wrong}`)).toThrow(/number of MiB from 1 to 1024/);
  }
});
