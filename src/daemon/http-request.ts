/** The head of an HTTP request (RFC 9112), as much of it as a server needs that answers GET and no more. */
import { isIP } from "node:net";

export interface HttpRequest {
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  /**
   * The name that the client asked for, without a port and in lower case; null: it didn't say, as HTTP/1.0
   * permits.
   */
  readonly host: string | null;
}

/** Bytes of a head. Who watches sends some hundreds. */
export const LONGEST_HEAD = 8192;

/** Where a head ends: behind an empty line. -1: not yet. */
export function endOfHead(bytes: Buffer): number {
  const crlf = bytes.indexOf("\r\n\r\n");
  return crlf === -1 ? -1 : crlf + 4;
}

const REQUEST_LINE = /^([A-Z]{1,20}) (\/[\x21-\x7e]*) HTTP\/1\.([01])$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/;

/** @throws SyntaxError with what is wrong. */
export function parseHead(text: string): HttpRequest {
  const [first = "", ...lines] = text.trimEnd().split("\r\n");
  const [, method, target, minor] = REQUEST_LINE.exec(first) ?? [];
  if (method === undefined || target === undefined) {
    throw new SyntaxError("the first line is no request: METHOD /PATH HTTP/1.1");
  }
  const hosts: string[] = [];
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new SyntaxError("a line of the head is no field");
    if (name.toLowerCase() === "host") hosts.push(value.toLowerCase());
  }
  if (hosts.length > 1 || (hosts.length === 0 && minor === "1")) {
    throw new SyntaxError("a request has one field Host");
  }
  return { method, path: target.split("?")[0] ?? "", host: hosts[0] === undefined ? null : nameOf(hosts[0]) };
}

function nameOf(host: string): string {
  const [, bracketed, plain] = HOST.exec(host) ?? [];
  const name = bracketed ?? plain?.replace(/\.$/, "");
  if (name === undefined) throw new SyntaxError("the field Host is no name or address");
  return name;
}

/**
 * Whether a request can't have been made by a web page under a name of somebody else, who had that name lead
 * here (DNS rebinding): an address leads nowhere else, and some names are our own.
 */
export function isOurs(host: string | null, names: ReadonlySet<string>): boolean {
  return host === null || isIP(host) !== 0 || host === "localhost" || names.has(host);
}
