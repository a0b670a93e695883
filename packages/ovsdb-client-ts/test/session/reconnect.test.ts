import { describe, expect, test } from "vitest";
import type { ReconnectOptions } from "../../src/session/reconnect.ts";
import { Reconnect } from "../../src/session/reconnect.ts";

/**
 * A reconnect with a clock of its own, driven by a script of words; `log` holds what it said, with the time.
 */
class Script {
  now = 0;
  readonly log: string[] = [];
  readonly machine: Reconnect;

  constructor(options: ReconnectOptions = {}) {
    this.machine = new Reconnect(options);
  }

  do(
    event:
      | "enable"
      | "disable"
      | "forceReconnect"
      | "connecting"
      | "listening"
      | "connected"
      | "approve"
      | "inUse"
      | "activity",
  ): this {
    this.machine[event](this.now);
    return this;
  }

  fail(): this {
    this.machine.disconnected(this.now);
    return this;
  }

  /** Lets time pass until there is something that the owner must do, noted in the log as are probes. */
  pass(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (let deadline = this.machine.deadline(); deadline !== null && deadline <= end; ) {
      if (deadline > this.now) expect(this.machine.run(deadline - 1)).toBeNull();
      this.now = Math.max(this.now, deadline);
      const action = this.machine.run(this.now);
      this.log.push(`${this.now} ${action}`);
      if (action !== "probe") return this;
      deadline = this.machine.deadline();
    }
    this.now = end;
    return this;
  }

  /** Tries, and fails after `milliseconds`, `count` times; returns when the tries were made. */
  failing(count: number, milliseconds = 0): number[] {
    const tries: number[] = [];
    for (let i = 0; i < count; i++) {
      this.pass(100_000);
      expect(this.log.at(-1)).toBe(`${this.now} connect`);
      tries.push(this.now);
      this.do("connecting");
      this.now += milliseconds;
      this.fail();
    }
    return tries;
  }
}

test("nothing happens before it is enabled, then it connects at once", () => {
  const script = new Script().pass(10_000);
  expect(script.log).toEqual([]);
  expect(script.do("enable").pass(0).log).toEqual(["10000 connect"]);
});

describe("backoff", () => {
  test("doubles from 1 s to 8 s and stays there", () => {
    const tries = new Script().do("enable").failing(7);
    expect(tries).toEqual([0, 1000, 3000, 7000, 15_000, 23_000, 31_000]);
  });

  test("begins with the end of the failed try", () => {
    expect(new Script().do("enable").failing(3, 500)).toEqual([0, 1500, 4000]);
  });

  test("other limits", () => {
    expect(new Script({ backoff: { min: 100, max: 250 } }).do("enable").failing(5)).toEqual([
      0, 100, 300, 550, 800,
    ]);
  });

  test("is reset by a connection that was of use for as long as the pause, not by a shorter one", () => {
    const script = new Script({ probeInterval: 0 }).do("enable");
    script.failing(4);
    script.pass(100_000).do("connecting").do("connected").do("approve");
    const short = script.now + 1000;
    script.pass(1000).do("activity").fail();
    expect(script.now).toBe(short);
    expect(script.machine.pause).toBe(8000);
    script.pass(8000).do("connecting").do("connected").do("approve").pass(9000).do("activity").fail();
    expect(script.machine.pause).toBe(1000);
  });

  test("a connection on which nothing came for long is no good connection", () => {
    const script = new Script({ probeInterval: 0 }).do("enable");
    script.failing(2);
    script.pass(100_000).do("connecting").do("connected").do("approve").pass(60_000).fail();
    expect(script.machine.pause).toBe(4000);
  });

  test("is not reset by a server that takes long to show that it won't do", () => {
    const script = new Script({ probeInterval: 0 }).do("enable");
    script.failing(2);
    script.pass(100_000).do("connecting").do("connected").pass(9000).do("activity").fail();
    expect(script.machine.pause).toBe(4000);
  });

  test("with three remotes each is tried once before a pause", () => {
    const tries = new Script({ remotes: 3 }).do("enable").failing(8);
    expect(tries).toEqual([0, 0, 0, 1000, 1000, 1000, 3000, 3000]);
  });

  test("after a good connection the other two are tried at once", () => {
    const script = new Script({ remotes: 3 })
      .do("enable")
      .pass(0)
      .do("connecting")
      .do("connected")
      .do("approve");
    script.pass(4000).do("activity").fail();
    expect(script.failing(4)).toEqual([4000, 4000, 5000, 5000]);
  });
});

describe("trying", () => {
  test("takes 1 s at most, so that a host that swallows packets doesn't use up its caller's time", () => {
    const script = new Script().do("enable").pass(0).do("connecting").pass(60_000);
    expect(script.log).toEqual(["0 connect", "1000 disconnect"]);
  });

  test("then 1, 2, 4 and 8 s, as the pauses before", () => {
    const script = new Script().do("enable");
    const took: number[] = [];
    for (let i = 0; i < 6; i++) {
      const began = script.pass(60_000).do("connecting").now;
      took.push(script.pass(60_000).fail().now - began);
    }
    expect(took).toEqual([1000, 1000, 2000, 4000, 8000, 8000]);
  });

  test("takes as long as the pause before, when that is more", () => {
    const script = new Script().do("enable");
    script.failing(4);
    script.pass(60_000).do("connecting").pass(60_000);
    expect(script.log.slice(-2)).toEqual(["15000 connect", "23000 disconnect"]);
  });

  test("takes as long as it is told", () => {
    const script = new Script({ connectTimeout: 200 }).do("enable").pass(0).do("connecting").pass(60_000);
    expect(script.log).toEqual(["0 connect", "200 disconnect"]);
  });

  test("ends after the last try, for good", () => {
    const script = new Script({ remotes: 2, maxTries: 2 }).do("enable");
    expect(script.failing(2)).toEqual([0, 0]);
    expect(script.machine.state).toBe("void");
    expect(script.do("enable").pass(60_000).machine.state).toBe("void");
  });

  test("a connection on the last try lives; when it ends there is no other", () => {
    const script = new Script({ maxTries: 1, probeInterval: 0 }).do("enable").pass(0).do("connecting");
    script.do("connected").pass(60_000);
    expect(script.machine.state).toBe("active");
    expect(script.machine.disconnected(script.now)).toBe(false);
    expect(script.machine.state).toBe("void");
  });
});

describe("probes", () => {
  const connected = (options: ReconnectOptions = {}) =>
    new Script(options).do("enable").pass(0).do("connecting").do("connected");

  test("after 5 s of silence, then 5 s for the answer", () => {
    expect(connected().pass(60_000).log).toEqual(["0 connect", "5000 probe", "10000 disconnect"]);
  });

  test("what is received postpones them, and answers them", () => {
    const script = connected().pass(4000).do("activity").pass(4000).do("activity").pass(5000);
    expect(script.log).toEqual(["0 connect", "13000 probe"]);
    script.now += 4999;
    expect(script.machine.run(script.now)).toBeNull();
    expect(script.do("activity").machine.state).toBe("active");
    expect(script.pass(5000).log.at(-1)).toBe("22999 probe");
  });

  test("0 switches them off", () => {
    const script = connected({ probeInterval: 0 }).pass(1_000_000);
    expect(script.log).toEqual(["0 connect"]);
    expect(script.machine.deadline()).toBeNull();
  });

  test("less than 1 s counts as 1 s", () => {
    expect(connected({ probeInterval: 10 }).pass(60_000).log).toEqual([
      "0 connect",
      "1000 probe",
      "2000 disconnect",
    ]);
  });

  test("an interval that is set while connected counts from what was received last", () => {
    const script = connected().pass(3000);
    script.machine.setProbeInterval(2000);
    expect(script.machine.run(script.now)).toBe("probe");
    script.machine.setProbeInterval(0);
    expect(script.machine.deadline()).toBeNull();
  });
});

describe("forceReconnect", () => {
  test("disconnects at once while connected, connecting or probing", () => {
    for (const prepare of [
      (script: Script) => script,
      (script: Script) => script.do("connected"),
      (script: Script) => script.do("connected").pass(5000),
    ]) {
      const script = prepare(new Script().do("enable").pass(0).do("connecting")).do("forceReconnect");
      expect(script.machine.run(script.now)).toBe("disconnect");
    }
  });

  test("does nothing while there is no connection", () => {
    const script = new Script().do("enable");
    script.failing(1);
    expect(script.do("forceReconnect").machine.state).toBe("backoff");
  });
});

describe("a connection in use that is given up", () => {
  const inUse = (script: Script) =>
    script.pass(100_000).do("connecting").do("connected").do("inUse").do("forceReconnect");

  test("is followed by the next try at once, by the other remotes too, and by short pauses again", () => {
    const script = new Script({ remotes: 2 }).do("enable");
    script.failing(9);
    inUse(script).fail();
    const end = script.now;
    expect(script.machine.pause).toBe(0);
    expect(script.failing(4).map((time) => time - end)).toEqual([0, 0, 1000, 1000]);
  });

  test("unless it wasn't in use", () => {
    const script = new Script().do("enable");
    script.failing(3);
    script.pass(100_000).do("connecting").do("connected").do("forceReconnect").fail();
    expect(script.machine.pause).toBe(8000);
  });

  test("or it has been so again and again: what can't be read from a server can't be read the next time", () => {
    const script = new Script().do("enable");
    const pauses: number[] = [];
    for (let i = 0; i < 5; i++) {
      inUse(script).fail();
      pauses.push(script.machine.pause);
    }
    expect(pauses).toEqual([0, 0, 0, 1000, 2000]);
    script
      .pass(100_000)
      .do("connecting")
      .do("connected")
      .do("inUse")
      .pass(60_000)
      .do("forceReconnect")
      .fail();
    expect(script.machine.pause).toBe(0);
  });
});

describe("weary", () => {
  test("once pauses are as long as they can be, until a connection was good", () => {
    const script = new Script({ probeInterval: 0 }).do("enable");
    const weary = [1, 2, 3, 4, 5].map(() => {
      script.failing(1);
      return script.machine.weary;
    });
    expect(weary).toEqual([false, false, false, true, true]);
    script.pass(8000).do("connecting").do("connected").do("approve");
    expect(script.machine.weary).toBe(true);
    script.pass(9000).do("activity").fail();
    expect(script.machine.weary).toBe(false);
  });
});

describe("passive", () => {
  test("listens without a limit, and again without a pause when a connection ends", () => {
    const script = new Script({ passive: true }).do("enable").pass(0).do("listening").pass(1_000_000);
    expect(script.log).toEqual(["0 connect"]);
    script.do("connected").fail();
    expect(script.machine.pause).toBe(0);
    expect(script.pass(0).log.at(-1)).toBe("1000000 connect");
  });

  test("pauses when it cannot listen", () => {
    const script = new Script({ passive: true }).do("enable").pass(0).do("listening").fail();
    expect(script.machine.pause).toBe(1000);
  });
});

test("disable ends everything, enable begins anew", () => {
  const script = new Script()
    .do("enable")
    .pass(0)
    .do("connecting")
    .do("connected")
    .do("disable")
    .pass(60_000);
  expect(script.machine.state).toBe("void");
  expect(script.do("enable").pass(0).log.at(-1)).toBe("60000 connect");
});
