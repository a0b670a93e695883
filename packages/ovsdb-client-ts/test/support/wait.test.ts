// A wait ends once, whoever ends it, and leaves no listener and no timer behind.

import { TimeoutError } from "ovsdb-client-ts";
import { expect, test, vi } from "vitest";
import { waitFor } from "../../src/support/wait.ts";

/** Something to wait for, with what becomes of its listeners. */
class News {
  readonly stopped = vi.fn();
  resolve: (value: string) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  readonly listen = (resolve: (value: string) => void, reject: (error: unknown) => void) => {
    this.resolve = resolve;
    this.reject = reject;
    return this.stopped;
  };
}

test("what is told first counts", async () => {
  const news = new News();
  const wait = waitFor<string>({ signal: new AbortController().signal, timeout: 60_000 }, news);
  expect(news.stopped).not.toHaveBeenCalled();
  news.resolve("first");
  expect(news.stopped).toHaveBeenCalledTimes(1);
  news.resolve("second");
  news.reject(new Error("third"));
  expect(await wait).toBe("first");
  expect(news.stopped).toHaveBeenCalledTimes(1);
});

test("what is told before listening has begun is heard, and listening ends all the same", async () => {
  const stopped = vi.fn();
  const listen = (resolve: (value: string) => void) => {
    resolve("at once");
    return stopped;
  };
  expect(await waitFor({}, { listen })).toBe("at once");
  expect(stopped).toHaveBeenCalledTimes(1);
});

test("an error that is told is thrown", async () => {
  const news = new News();
  const wait = waitFor<string>({}, news);
  news.reject(new Error("no"));
  await expect(wait).rejects.toThrow("no");
  expect(news.stopped).toHaveBeenCalledTimes(1);
});

test("a signal ends the wait with its reason, before the promise settles", async () => {
  const news = new News();
  const abort = new AbortController();
  const wait = waitFor<string>({ signal: abort.signal }, news);
  const reason = new Error("enough");
  abort.abort(reason);
  expect(news.stopped).toHaveBeenCalledTimes(1);
  await expect(wait).rejects.toBe(reason);
});

test("with a signal that is aborted already nothing begins", async () => {
  const listen = vi.fn();
  await expect(waitFor({ signal: AbortSignal.abort("before") }, { listen })).rejects.toBe("before");
  expect(listen).not.toHaveBeenCalled();
});

test("the time is up", async () => {
  const news = new News();
  const late = (milliseconds: number) => `nothing within ${milliseconds} ms`;
  const wait = waitFor<string>({ timeout: 0.5 }, { listen: news.listen, late });
  await expect(wait).rejects.toThrow(new TimeoutError("nothing within 1 ms"));
  expect(news.stopped).toHaveBeenCalledTimes(1);
});
