import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { createScriptTranslator } from "./scripts.ts";

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

const ASKED = "#!lua flags=allow-key-locking\nreturn 1";
const REAL = "#!lua\nreturn 1";

test("the unknown flag leaves the script, the others stay", () => {
  const translate = createScriptTranslator();
  expect(translate(["EVAL", ASKED, "0"])).toEqual(["EVAL", REAL, "0"]);
  expect(
    translate(["eval_ro", "#!lua flags=no-writes,allow-key-locking,no-cluster\n", "0"]),
  ).toEqual(["eval_ro", "#!lua flags=no-writes,no-cluster\n", "0"]);
});

test("scripts without the flag are not touched", () => {
  const translate = createScriptTranslator();
  for (const script of [
    "return 'allow-key-locking'",
    "#!lua flags=no-writes\nreturn 'allow-key-locking'",
    "#!lua",
  ]) {
    const command = ["EVAL", script, "0"] as const;
    expect(translate(command)).toBe(command);
  }
});

test("the client's SHA1 finds the real script after an EVAL or SCRIPT LOAD of it", () => {
  for (const seen of [["EVAL", ASKED, "0"] as const, ["SCRIPT", "LOAD", ASKED] as const]) {
    const translate = createScriptTranslator();
    expect(translate(["EVALSHA", sha1(ASKED), "0"])).toEqual(["EVALSHA", sha1(ASKED), "0"]);
    translate(seen);
    expect(translate(["EVALSHA", sha1(ASKED).toUpperCase(), "0"])).toEqual([
      "EVALSHA",
      sha1(REAL),
      "0",
    ]);
    expect(translate(["script", "exists", "x", sha1(ASKED)])).toEqual([
      "script",
      "exists",
      "x",
      sha1(REAL),
    ]);
  }
});

test("only so many scripts are remembered, the latest ones", () => {
  const translate = createScriptTranslator();
  const scripts = Array.from({ length: 1_001 }, (_, index) => `${ASKED} + ${index}`);
  for (const script of scripts) translate(["EVAL", script, "0"]);
  const isKnown = (script: string) => translate(["EVALSHA", sha1(script), "0"])[1] !== sha1(script);
  expect(isKnown(scripts[0] as string)).toBe(false);
  expect(isKnown(scripts[1] as string)).toBe(true);
  expect(isKnown(scripts[1_000] as string)).toBe(true);
});
