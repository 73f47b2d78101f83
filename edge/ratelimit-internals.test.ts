import { expect, test } from "bun:test";
import type { Redis } from "@upstash/redis/cloudflare";
import { script } from "../admission/script.ts";
import { argumentsOf, libraryBucket, sendingInPlace, sourceOf } from "./ratelimit-internals.ts";

const bucket = libraryBucket(20, 2);

test("the library's script is the one that was read when its clock was replaced", () => {
  // Another text needs another reading: shebang, five arguments, `{ left, next refill }`.
  expect(script(sourceOf(bucket)).sha1).toBe("d60be5bd3d83482ae229309f1f7425424f891204");
});

test("our arguments are the library's, but for the time", async () => {
  const calls: { keys: string[]; args: unknown[] }[] = [];
  const recorder: Pick<Redis, "evalsha"> = {
    evalsha: async (_: string, keys: string[], args: unknown[]) => {
      calls.push({ keys, args });
      return [19, 1_000] as never;
    },
  };
  await bucket.limit({ redis: recorder as Redis, prefix: "p" }, "p:id");
  const [call] = calls;
  expect(call?.keys).toEqual(["p:id"]);
  expect(call?.args.with(3, 0)).toEqual(argumentsOf(20, 2));
  expect(Number(call?.args[3])).toBeWithin(Date.now() - 60_000, Date.now() + 1);
});

test("the library runs the given script for its own, and hands it over if unknown", async () => {
  const sent: unknown[] = [];
  const redis: Pick<Redis, "evalsha" | "eval"> = {
    evalsha: (sha1: string) => {
      sent.push(sha1);
      return Promise.reject(new Error("NOSCRIPT No matching script."));
    },
    eval: async (source: string) => {
      sent.push(source);
      return [-1, 700] as never;
    },
  };
  const ours = script("return { -1, 700 }");
  const inPlace = sendingInPlace(redis as Redis, ours);
  const { success, reset } = await bucket.limit({ redis: inPlace, prefix: "p" }, "p:id");
  expect(sent).toEqual([ours.sha1, ours.source]);
  expect([success, reset]).toEqual([false, 700]);
});
