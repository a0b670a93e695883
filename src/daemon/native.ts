/**
 * System calls that Node lacks, by way of the package koffi. It is optional: where it is not installed, or
 * has no binary for this machine, there are none of them. To be loaded only by what runs for long, since that
 * takes some 10 ms.
 */
import { endianness } from "node:os";

export interface Native {
  /**
   * Locks a file that is open for writing, from the descriptor's position on, as fcntl(2) does. False:
   * another process has a lock on it.
   */
  lock(descriptor: number): boolean;
  /**
   * Sends a datagram to a unix socket; "@NAME" is one in the abstract namespace. False: nobody took it in so
   * many milliseconds, less than 1000.
   */
  send(address: string, text: string, patience?: number): boolean;
}

/** What to tell a person who misses it. */
export const NATIVE_ADVICE = "install the package koffi beside ovn-ic-tools (npm install koffi)";

let loading: Promise<Native | null> | null = null;

/** The system calls, or null. */
export function loadNative(): Promise<Native | null> {
  loading ??= load();
  return loading;
}

const F_TLOCK = 2;
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
/** On the machines that koffi has binaries for; elsewhere nothing is waited for. */
const [SOL_SOCKET, SO_SNDTIMEO] = [1, 20];

async function load(): Promise<Native | null> {
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    // lockf(3) is fcntl(F_SETLK) without its structure, which differs from system to system.
    const lockf = library.func("int lockf(int, int, long)");
    const socket = library.func("int socket(int, int, int)");
    const sendto = library.func("long sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)");
    const timeval = koffi.struct({ tv_sec: "long", tv_usec: "long" });
    const setsockopt = library.func("setsockopt", "int", [
      "int",
      "int",
      "int",
      koffi.pointer(timeval),
      "uint32_t",
    ]);
    const close = library.func("int close(int)");
    return {
      lock: (descriptor) => Number(lockf(descriptor, F_TLOCK, 0)) === 0,
      send: (address, text, patience = 0) => {
        const descriptor = Number(socket(AF_UNIX, SOCK_DGRAM, 0));
        if (descriptor < 0) return false;
        const bytes = Buffer.from(text);
        const name = socketName(address);
        const time = { tv_sec: 0, tv_usec: patience * 1000 };
        const size = koffi.sizeof(timeval);
        const waits = patience > 0 && setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, time, size) === 0;
        const flags = waits ? 0 : MSG_DONTWAIT;
        const sent = Number(sendto(descriptor, bytes, bytes.length, flags, name, name.length));
        close(descriptor);
        return sent === bytes.length;
      },
    };
  } catch {
    return null;
  }
}

/** A `struct sockaddr_un` of Linux. */
function socketName(address: string): Buffer {
  const family = Buffer.alloc(2);
  if (endianness() === "LE") family.writeUInt16LE(AF_UNIX);
  else family.writeUInt16BE(AF_UNIX);
  return Buffer.concat([
    family,
    Buffer.from(address.startsWith("@") ? `\0${address.slice(1)}` : `${address}\0`),
  ]);
}
