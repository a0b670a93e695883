/**
 * The rude clients: a process of their own, so that what they cost is not what the probes and the controller
 * cost. Its arguments: the port, and how many there are. It ends when its standard input does.
 */
import type { Socket } from "node:net";
import { connect } from "node:net";

const [port = 0, count = 0] = process.argv.slice(2).map(Number);

/** Milliseconds until a client that was turned out comes back. */
const AWAY = 100;

const GET = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const PIPELINED = GET.repeat(1500);

/** What each kind does with a connection. Whoever doesn't listen for data doesn't read. */
const kinds: Readonly<Record<string, (socket: Socket) => void>> = {
  "asks and asks, and reads nothing": (socket) => {
    const ask = () => {
      while (!socket.destroyed && socket.write(PIPELINED));
    };
    socket.on("drain", ask);
    ask();
  },
  "asks once, and doesn't read": (socket) => socket.write(GET),
  "says nothing": () => {},
  "a byte of a head each second": (socket) => {
    let at = 0;
    const drip = setInterval(() => socket.write(GET[at++ % (GET.length - 4)] ?? ""), 1000);
    socket.once("close", () => clearInterval(drip));
  },
  "no HTTP, without end": (socket) => {
    const rubbish = Buffer.alloc(65_536, "rubbish ");
    const say = () => {
      while (!socket.destroyed && socket.write(rubbish));
    };
    socket.on("drain", say);
    say();
  },
  "asks, and is gone": (socket) => socket.write(GET, () => socket.resetAndDestroy()),
};

let connections = 0;

function come(behave: (socket: Socket) => void): void {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.pause();
  socket.once("connect", () => {
    connections++;
    behave(socket);
  });
  socket.on("error", () => socket.destroy());
  socket.once("close", () => setTimeout(() => come(behave), AWAY));
}

const behaviours = Object.values(kinds);
for (let n = 0; n < count; n++) come(behaviours[n % behaviours.length] ?? (() => {}));
process.stdin.resume();
process.stdin.once("end", () => {
  process.stdout.write(`${connections}`, () => process.exit());
});
