/** The commands that both programs have, as data. */
import type { CommandGroup } from "../command/index.ts";

const ANY = Number.POSITIVE_INFINITY;

export const connectionCommands: CommandGroup = {
  heading: "Connection commands",
  load: async () => (await import("./connection.ts")).behaviours,
  commands: [
    {
      name: "get-connection",
      args: [0, 0],
      usage: "",
      readOnly: true,
      help: [["get-connection", "print the connections"]],
    },
    { name: "del-connection", args: [0, 0], usage: "", help: [["del-connection", "delete the connections"]] },
    {
      name: "set-connection",
      args: [1, ANY],
      usage: "+TARGET",
      options: ["--inactivity-probe="],
      help: [
        "[--inactivity-probe=MSECS]",
        ["set-connection TARGET...", "set the list of connections to TARGET..."],
      ],
    },
  ],
};

export const sslCommands: CommandGroup = {
  heading: "SSL/TLS commands",
  load: async () => (await import("./ssl.ts")).behaviours,
  commands: [
    {
      name: "get-ssl",
      args: [0, 0],
      usage: "",
      readOnly: true,
      help: [["get-ssl", "print the SSL/TLS configuration", 30]],
    },
    { name: "del-ssl", args: [0, 0], usage: "", help: [["del-ssl", "delete the SSL/TLS configuration", 30]] },
    {
      name: "set-ssl",
      args: [3, 6],
      usage: "!PRIVATE-KEY !CERTIFICATE !CA-CERT ?SSL-PROTOS !?SSL-CIPHERS !?SSL-CIPHERSUITES",
      options: ["--bootstrap"],
      help: [
        "set-ssl PRIV-KEY CERT CA-CERT [SSL-PROTOS [SSL-CIPHERS [SSL-CIPHERSUITES]]] set the SSL/TLS configuration",
      ],
    },
  ],
};

/** The generic commands, which know nothing of what tables mean (ovs-vsctl(8), "Database Commands"). */
export const databaseCommands: CommandGroup = {
  heading: "Database commands",
  load: async () => (await import("./database/index.ts")).behaviours,
  commands: [
    {
      name: "list",
      args: [1, ANY],
      usage: "!TABLE *RECORD",
      options: ["--if-exists", "--columns="],
      readOnly: true,
      help: [["list TBL [REC]", "list RECord (or all records) in TBL", 30]],
    },
    {
      name: "find",
      args: [1, ANY],
      usage: "!TABLE *COLUMN?:KEY=VALUE",
      options: ["--columns="],
      readOnly: true,
      help: [["find TBL CONDITION...", "list records satisfying CONDITION in TBL", 30]],
    },
    {
      name: "get",
      args: [2, ANY],
      usage: "!TABLE !RECORD *COLUMN?:KEY",
      options: ["--if-exists", "--id="],
      readOnly: true,
      help: [["get TBL REC COL[:KEY]", "print values of COLumns in RECord in TBL", 30]],
    },
    {
      name: "set",
      args: [3, ANY],
      usage: "!TABLE !RECORD +COLUMN?:KEY=VALUE",
      options: ["--if-exists"],
      help: [["set TBL REC COL[:KEY]=VALUE", "set COLumn values in RECord in TBL", 30]],
    },
    {
      name: "add",
      args: [4, ANY],
      usage: "!TABLE !RECORD !COLUMN +?KEY=VALUE",
      options: ["--if-exists"],
      help: [["add TBL REC COL [KEY=]VALUE", "add (KEY=)VALUE to COLumn in RECord in TBL", 30]],
    },
    {
      name: "remove",
      args: [4, ANY],
      usage: "!TABLE !RECORD !COLUMN +KEY|VALUE|KEY=VALUE",
      options: ["--if-exists"],
      help: [["remove TBL REC COL [KEY=]VALUE", "remove (KEY=)VALUE from COLumn", 34]],
    },
    {
      name: "clear",
      args: [3, ANY],
      usage: "!TABLE !RECORD +COLUMN",
      options: ["--if-exists"],
      help: [["clear TBL REC COL", "clear values from COLumn in RECord in TBL", 30]],
    },
    {
      name: "create",
      args: [2, ANY],
      usage: "!TABLE +COLUMN?:KEY=VALUE",
      options: ["--id="],
      help: [["create TBL COL[:KEY]=VALUE", "create and initialize new record", 30]],
    },
    {
      name: "destroy",
      args: [1, ANY],
      usage: "!TABLE *RECORD",
      options: ["--if-exists", "--all"],
      help: [["destroy TBL REC", "delete RECord from TBL", 30]],
    },
    {
      name: "wait-until",
      args: [2, ANY],
      usage: "!TABLE !RECORD *COLUMN?:KEY=VALUE",
      readOnly: true,
      help: [["wait-until TBL REC [COL[:KEY]=VALUE]", "wait until condition is true", 40]],
    },
    // Does nothing by itself: the whole line is the comment of its transaction anyway.
    { name: "comment", args: [0, ANY], usage: "*ARG", readOnly: true },
  ],
};
