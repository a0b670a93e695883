/** The commands `vlog/*` of a control socket (ovs-appctl(8), "Logging Commands"). */
import type { Log } from "./log.ts";
import { LogSpecError } from "./log-levels.ts";
import type { UnixctlCommand } from "./unixctl-server.ts";
import { UnixctlError } from "./unixctl-server.ts";

const ANY_NUMBER = Number.POSITIVE_INFINITY;

export function vlogCommands(log: Log): UnixctlCommand[] {
  return [
    {
      name: "vlog/set",
      usage: "{spec | PATTERN:destination:pattern}",
      args: [0, ANY_NUMBER],
      // Nothing at all means as much as possible.
      run: (specs) => set(log, specs.length === 0 ? [""] : specs),
    },
    { name: "vlog/list", usage: "", args: [0, 0], run: () => list(log) },
    { name: "vlog/list-pattern", usage: "", args: [0, 0], run: () => listPatterns(log) },
    {
      name: "vlog/close",
      usage: "",
      args: [0, 0],
      run: () => {
        log.closeFile();
        return "";
      },
    },
    { name: "vlog/reopen", usage: "", args: [0, 0], run: () => reopen(log) },
    {
      name: "vlog/disable-rate-limit",
      usage: "[module]...",
      args: [0, ANY_NUMBER],
      run: (modules) => setLimited(log, false, modules),
    },
    {
      name: "vlog/enable-rate-limit",
      usage: "[module]...",
      args: [0, ANY_NUMBER],
      run: (modules) => setLimited(log, true, modules),
    },
  ];
}

function set(log: Log, specs: readonly string[]): string {
  try {
    for (const spec of specs) log.set(spec);
  } catch (error) {
    throw error instanceof LogSpecError ? new UnixctlError(error.message) : error;
  }
  return "";
}

function reopen(log: Log): string {
  const problem = log.reopenFile();
  if (problem !== null) throw new UnixctlError(problem);
  return "";
}

function setLimited(log: Log, limited: boolean, modules: readonly string[]): string {
  const names = modules.map((module) => module.toLowerCase());
  if (!names.every((name) => name === "any" || log.levels.modules.includes(name))) {
    throw new UnixctlError("unknown module");
  }
  log.setLimited(limited, names.includes("any") ? [] : names);
  return "";
}

function list({ levels }: Log): string {
  const rows = levels.modules.map((module) => {
    const [console, syslog, file] = (["console", "syslog", "file"] as const).map((destination) =>
      levels.threshold(destination, module),
    );
    return `${module.padEnd(16)}  ${console?.padStart(4)}       ${syslog?.padStart(4)}       ${file?.padStart(4)}\n`;
  });
  const head = "                 console    syslog    file\n                 -------    ------    ------\n";
  return head + rows.join("");
}

function listPatterns({ patterns }: Log): string {
  const row = (name: string, prefix: string, format: string) =>
    `${name.padEnd(9)}${prefix.padEnd(34)}${format}\n`;
  return [
    row("", "prefix", "format"),
    row("", "------", "------"),
    row("SYSLOG", "<%B> %D{%h %e %T} %E %A:", patterns.syslog),
    row("CONSOLE", "none", patterns.console),
    row("FILE", "none", patterns.file),
  ].join("");
}
