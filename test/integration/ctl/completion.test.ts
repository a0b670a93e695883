// Completion for bash: made from the tables, and what bash offers with it.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatBash } from "../../../scripts/completion/bash.ts";

const file = join(import.meta.dirname, "../../../completion/ovn-ic-tools.bash");

/** What bash offers for the last of these words. */
function complete(...words: string[]): string[] {
  const [program = ""] = words;
  const script = `
    source ${JSON.stringify(file)}
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    read -r _ _ function _ < <(complete -p ${program})
    $function
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script, "bash", ...words], {
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((word) => word !== "");
}

test("the file for completion is as `npm run completion` writes it", () => {
  expect(readFileSync(file, "utf8")).toBe(formatBash());
});

const cases: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ["ovn-ic-nbctl ts-", ["ts-add", "ts-del", "ts-list"]],
  ["ovn-ic-nbctl --db = unix:/x ts-l", ["ts-list"]],
  ["ovn-ic-nbctl --db unix:/x ts-l", ["ts-list"]],
  ["ovn-ic-nbctl -t 5 --dry", ["--dry-run"]],
  ["ovn-ic-nbctl --may", ["--may-exist"]],
  ["ovn-ic-nbctl --format = c", ["csv"]],
  ["ovn-ic-nbctl --format =", ["table", "list", "html", "csv", "json"]],
  ["ovn-ic-nbctl -f j", ["json"]],
  ["ovn-ic-nbctl --wait = s", ["sb"]],
  ["ovn-ic-nbctl list Transit_S", ["Transit_Switch", "Transit_Switch_Port"]],
  ["ovn-ic-nbctl ts-add list Tr", []],
  ["ovn-ic-nbctl ts-add a -- --if-exists ts-d", ["ts-del"]],
  ["ovn-ic-nbctl ts-add a -- --d", []],
  ["ovn-ic-nbctl ts-add a -- find IC", ["IC_NB_Global"]],
  ["ovn-ic-sbctl find Ga", ["Gateway"]],
  ["ovn-ic-sbctl ts-", []],
  ["ovn-ic-sbctl --wai", []],
  ["ovn-ic s", ["sandbox", "sbctl", "snapshot", "status", "sync"]],
  ["ovn-ic status --fail-on = w", ["warning"]],
  ["ovn-ic snapshot sa", ["save"]],
  ["ovn-ic help nb", ["nbctl"]],
  ["ovn-ic nbctl --no-head", ["--no-headings"]],
  ["ovn-ic sbctl --data bare get Port", ["Port_Binding"]],
  ["ovn-ic sync --onc", ["--once"]],
  ["ovn-ic sync --ic-nb-db t", ["tcp:"]],
  ["ovn-ic sync --ic-nb-db = u", ["unix:"]],
  ["ovn-ic sandbox --controller o", ["ours"]],
  ["ovn-ic --ovnn", ["--ovnnb-db="]],
  ["ovn-ic --log-f", ["--log-file", "--log-format="]],
  ["ovn-ic --detach --pid", ["--pidfile"]],
  ["ovn-ic --detach --log-format = ", ["text", "json"]],
  ["ovn-ic --log-format j", ["json"]],
  ["ovn-ic --pidfile --ovnsb-db = s", ["ssl:"]],
  ["ovn-ic --syslog-method = l", ["libc"]],
  ["ovn-ic --detach --verbose = w", ["warn"]],
  ["ovn-ic --dump-inc-proc-graph = gat", ["gateways"]],
  ["ovn-ic --user = roo", ["root"]],
  ["ovn-ic --private-key = README", ["README.md"]],
  ["ovn-ic --detach s", []],
];

test.each(cases)("completion after: %s", (line, offered) => {
  expect(complete(...line.split(" "))).toEqual(offered);
});

test("completion misses no option of the daemon", () => {
  const program = join(import.meta.dirname, "../../../bin/ovn-ic");
  const { stdout } = spawnSync(process.execPath, [program, "--options"], { encoding: "utf8" });
  const names = [...stdout.matchAll(/^(--[a-z-]+)/gm)].map(([, name]) => name);
  const offered = complete("ovn-ic", "--detach", "--").map((word) => word.replace(/=$/, ""));
  expect(offered.sort()).toEqual([...new Set(names)].sort());
});

test("completion misses no command", () => {
  const program = join(import.meta.dirname, "../../../bin/ovn-ic-sbctl");
  const { stdout } = spawnSync(process.execPath, [program, "--commands"], { encoding: "utf8" });
  const names = [...stdout.matchAll(/^[^,]*,([^,]+),/gm)].map(([, name]) => name);
  expect(complete("ovn-ic-sbctl", "").sort()).toEqual(names.sort());
});
