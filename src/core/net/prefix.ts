/**
 * IPv4 and IPv6 addresses and prefixes, as OVN reads and writes them.
 *
 * A prefix keeps its host bits (`10.0.1.1/24` stays that): OVN compares and stores routes this way. Addresses
 * are 32-bit words, one for IPv4 and four for IPv6, because a controller compares hundreds of thousands of
 * them.
 */

export interface Address {
  readonly family: 4 | 6;
  /** Most significant word first, each an unsigned 32-bit number. */
  readonly words: readonly number[];
}

/** An address with a length in bits: 0 … 32 or 0 … 128. */
export interface Prefix extends Address {
  readonly length: number;
}

/**
 * Parses an IPv4 or IPv6 address.
 *
 * @returns null if the text is not exactly one address.
 * @example parseAddress("169.254.100.1")?.family; // 4
 */
export function parseAddress(text: string): Address | null {
  if (text.includes(":")) {
    const words = parseIpv6(text);
    return words && { family: 6, words };
  }
  const word = parseIpv4(text);
  return word === null ? null : { family: 4, words: [word] };
}

/** Parses a next hop: an address; a length after it says nothing, and is ignored as in OVN. */
export function parseNexthop(text: string): Address | null {
  return parsePrefix(text);
}

/**
 * Parses a prefix: `ADDRESS/LENGTH`, `ADDRESS/MASK` with a contiguous mask, or an address alone, which has
 * full length.
 *
 * @returns null if the text is not exactly one prefix.
 * @example formatPrefix(parsePrefix("10.0.1.1/255.255.255.0")); // "10.0.1.1/24"
 */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const bits = address.family === 4 ? 32 : 128;
  const length = slash < 0 ? bits : parseLength(text.slice(slash + 1), address.family);
  if (length === null || length > bits) return null;
  return { family: address.family, words: address.words, length };
}

/** The text of an address; IPv6 as RFC 5952 and inet_ntop(3) write it. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return formatIpv4(address.words[0] ?? 0);
  return formatIpv6(address.words);
}

/**
 * The text of a prefix in the canonical form of OVN: the length is always there, host bits are kept.
 *
 * @example formatPrefix({ family: 4, words: [0x0a050505], length: 32 }); // "10.5.5.5/32"
 */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix)}/${prefix.length}`;
}

/** The canonical text of a prefix, null if it can't be parsed. */
export function canonicalPrefix(text: string): string | null {
  const prefix = parsePrefix(text);
  return prefix && formatPrefix(prefix);
}

const PLAIN_IPV4 =
  /^(?:(?:[1-9]?[0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\.){3}(?:[1-9]?[0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\/(?:[12]?[0-9]|3[0-2])$/;

/**
 * Whether a text is an IPv4 prefix in canonical form already, as nearly all are: quicker than to parse it.
 */
export function isPlainIpv4Prefix(text: string): boolean {
  return PLAIN_IPV4.test(text);
}

/**
 * Whether a text is an IPv4 prefix in canonical form without host bits, as most are: quicker than to parse
 * it.
 */
export function isPlainIpv4Network(text: string): boolean {
  let word = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && octet === 0) return false;
      octet = octet * 10 + digit;
      digits++;
      if (octet > 255) return false;
      continue;
    }
    const ends = digit === DOT ? dots < 3 : digit === SLASH && dots === 3;
    if (!ends || digits === 0) return false;
    word = word * 256 + octet;
    octet = digits = 0;
    dots++;
  }
  if (dots !== 4 || digits === 0 || octet > 32) return false;
  return octet === 0 ? word === 0 : (word & (0xffffffff << (32 - octet))) >>> 0 === word;
}

/**
 * Whether `inner` (an address or a prefix) is the network of `outer` or lies within it; false across
 * families.
 */
export function prefixContains(outer: Prefix, inner: Address | Prefix): boolean {
  if (outer.family !== inner.family) return false;
  if ("length" in inner && inner.length < outer.length) return false;
  return sameNetwork(outer, inner, outer.length);
}

/** Whether two addresses agree in their first `length` bits. */
export function sameNetwork(a: Address, b: Address, length: number): boolean {
  if (a.family !== b.family) return false;
  for (let i = 0, left = length; left > 0; i++, left -= 32) {
    const difference = (a.words[i] ?? 0) ^ (b.words[i] ?? 0);
    if (difference !== 0 && (left >= 32 || difference >>> (32 - left) !== 0)) return false;
  }
  return true;
}

/** The same prefix with the host bits cleared. */
export function networkOf(prefix: Prefix): Prefix {
  const words = prefix.words.map((word, i) => {
    const bits = Math.min(Math.max(prefix.length - 32 * i, 0), 32);
    return bits === 0 ? 0 : (word & (0xffffffff << (32 - bits))) >>> 0;
  });
  return { family: prefix.family, words, length: prefix.length };
}

/** Whether a prefix is a default route: its length is 0. */
export function isDefaultRoute(prefix: Prefix): boolean {
  return prefix.length === 0;
}

/** Whether a prefix lies in 169.254.0.0/16 or fe80::/10, whose routes are never exchanged. */
export function isLinkLocal(prefix: Prefix): boolean {
  const first = prefix.words[0] ?? 0;
  if (prefix.family === 4) return prefix.length >= 16 && first >>> 16 === 0xa9fe;
  return prefix.length >= 10 && first >>> 22 === 0xfe80 >>> 6;
}

/**
 * Whether a next hop is an IPv6 link-local address: fe80::/64 only. 169.254.x and fe80:10:: are ordinary next
 * hops.
 */
export function isLinkLocalNexthop(address: Address): boolean {
  return address.family === 6 && address.words[0] === 0xfe800000 && address.words[1] === 0;
}

/** IPv6 addresses in ::ffff:0:0/96 are another way to write IPv4 ones, and so are prefixes of them. */
export function unmapped(address: Address | Prefix): Address | Prefix {
  const [first, second, third, last = 0] = address.words;
  const isMapped = address.family === 6 && first === 0 && second === 0 && third === 0xffff;
  if (!isMapped || ("length" in address && address.length < 96)) return address;
  return { family: 4, words: [last], ...("length" in address ? { length: address.length - 96 } : {}) };
}

/** Whether an address or prefix lies in 127.0.0.0/8 or is ::1. */
export function isLoopback(address: Address | Prefix): boolean {
  return LOOPBACK.some((network) => prefixContains(network, unmapped(address)));
}

/** Whether an address or prefix lies in 224.0.0.0/4 or ff00::/8. */
export function isMulticast(address: Address | Prefix): boolean {
  return MULTICAST.some((network) => prefixContains(network, unmapped(address)));
}

/** Whether an address can be a host's: not in 0.0.0.0/8, ::/96, 255.255.255.255, loopback or multicast. */
export function isUnicast(address: Address): boolean {
  if (isLoopback(address) || isMulticast(address)) return false;
  return !NO_HOST.some((network) => prefixContains(network, unmapped(address)));
}

/** Whether two addresses are the same one, however they are written. */
export function sameAddress(a: Address, b: Address): boolean {
  return sameNetwork(a, b, a.family === 4 ? 32 : 128);
}

/** Whether one of two prefixes lies within the other, or both are the same network. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return sameNetwork(a, b, Math.min(a.length, b.length));
}

const ZERO = 0x30;
/** What `.` is relative to `0`. */
const DOT = 0x2e - ZERO;
const SLASH = 0x2f - ZERO;

function parseLength(text: string, family: 4 | 6): number | null {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text);
  const mask = parseAddress(text);
  if (mask === null || mask.family !== family) return null;
  const bits = mask.words.map((word) => word.toString(2).padStart(32, "0")).join("");
  return /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : null;
}

function parseIpv4(text: string): number | null {
  // By hand, since a regular expression takes several times as long, and a controller parses hundreds of
  // thousands of them.
  let word = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9 && digits < 3) {
      octet = octet * 10 + digit;
      digits++;
    } else if (digit === DOT && digits > 0 && octet <= 255 && dots < 3) {
      word = word * 256 + octet;
      octet = digits = 0;
      dots++;
    } else return null;
  }
  return dots === 3 && digits > 0 && octet <= 255 ? word * 256 + octet : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return [0, 2, 4, 6].map((i) => (groups[i] ?? 0) * 65536 + (groups[i + 1] ?? 0));
}

/** 16-bit groups; the last one may be a dotted IPv4 address where the text ends the whole address. */
function parseGroups(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const word = last && i === parts.length - 1 ? parseIpv4(part) : null;
    if (word === null) return null;
    groups.push(word >>> 16, word & 0xffff);
  }
  return groups;
}

function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

function formatIpv6(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const zeros = longestZeroRun(groups);
  const embedded = zeros.start === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff));
  if (embedded) return `${zeros.length === 6 ? "::" : "::ffff:"}${formatIpv4(words[3] ?? 0)}`;
  const hex = groups.map((group) => group.toString(16));
  if (zeros.length < 2) return hex.join(":");
  return `${hex.slice(0, zeros.start).join(":")}::${hex.slice(zeros.start + zeros.length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    if (length > 0) start += length;
  }
  return best;
}

const LOOPBACK = networks("127.0.0.0/8", "::1/128");
const MULTICAST = networks("224.0.0.0/4", "ff00::/8");
const NO_HOST = networks("0.0.0.0/8", "255.255.255.255/32", "::/96");

function networks(...texts: string[]): readonly Prefix[] {
  return texts.flatMap((text) => parsePrefix(text) ?? []);
}
