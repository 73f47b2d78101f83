import { afterAll, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NEVER } from "../../stack/stack-for-test.ts";
import { buildWithGo } from "./build-with-go.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-go-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** A stand-in for Go: a shell script whose third argument is the file to build. */
function standIn(name: string, script: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o700);
  return path;
}

test("what Go has built is put in its place, in a directory that is made for it", async () => {
  const go = standIn("go-that-builds", 'echo "$1 $4 in $(basename $PWD)" > "$3"');
  const target = join(dir, "new", "k6");
  expect(await buildWithGo(go, target, { tell() {}, interrupted: NEVER })).toBeUndefined();
  expect(readFileSync(target, "utf8")).toBe("build go.k6.io/k6/v2 in k6\n");
  expect(readdirSync(join(dir, "new"))).toEqual(["k6"]);
});

test("a build that fails leaves nothing and tells what Go complained of last", async () => {
  const go = standIn(
    "go-without-network",
    'touch "$3"; printf "go: downloading\\nno such host\\n" >&2; exit 1',
  );
  const target = join(dir, "none", "k6");
  expect(await buildWithGo(go, target, { tell() {}, interrupted: NEVER })).toBe("no such host");
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(join(dir, "none"))).toEqual([]);
});

test("an interrupted build ends at once and leaves nothing", async () => {
  const go = standIn("go-that-is-slow", 'touch "$3"; exec sleep 60');
  const target = join(dir, "interrupted", "k6");
  const interrupt = new AbortController();
  const building = buildWithGo(go, target, {
    tell: () => interrupt.abort(),
    interrupted: interrupt.signal,
  });
  expect(building).rejects.toThrow();
  await building.catch(() => {});
  expect(readdirSync(join(dir, "interrupted"))).toEqual([]);
});
