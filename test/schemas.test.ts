import { expect, test } from "bun:test";
import { Glob } from "bun";
import { SCHEMAS, type Schema } from "../database/schemas.ts";

const migrations = [...new Glob("database/migrations/*/*.sql").scanSync(".")].sort();
const sources = [...new Glob("**/*.ts").scanSync(".")].filter(
  (file) => !/^(node_modules|\.|dist)/.test(file),
);

const read = (file: string) => Bun.file(file).text();

/** The tables that the migrations of a schema have ever made or named. */
async function tablesOf(schema: Schema): Promise<Set<string>> {
  const own = migrations.filter((file) => file.startsWith(`database/migrations/${schema}/`));
  const text = (await Promise.all(own.map(read))).join("\n");
  const made = text.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+)|RENAME TABLE \w+ TO (\w+)/g);
  return new Set([...made].map(([, created, renamed]) => created ?? renamed ?? ""));
}

const tables = Object.fromEntries(
  await Promise.all(SCHEMAS.map(async (schema) => [schema, await tablesOf(schema)] as const)),
) as Record<Schema, Set<string>>;
// The booking schema had a table of this name until 0.2; its migrations alone still tell of it.
const tablesNow = {
  ...tables,
  booking: new Set([...tables.booking].filter((table) => table !== "lecture")),
};

const VERBS = "SELECT|INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|ALTER|CREATE|DROP|RENAME|WITH";
const STATEMENT = new RegExp(`^\\s*(?:EXPLAIN |ANALYZE )?(?:${VERBS})\\s`);

/** The schemas whose tables a statement names. */
function schemasIn(statement: string, of: Record<Schema, Set<string>> = tablesNow): Schema[] {
  const names = new Set(statement.match(/\b\w+\b/g));
  return SCHEMAS.filter((schema) => [...of[schema]].some((table) => names.has(table)));
}

/** The string literals of a source that are statements. */
function statementsIn(text: string): string[] {
  const literals = text.matchAll(/`((?:[^`\\]|\\.)*)`|"((?:[^"\\\n]|\\.)*)"/gs);
  return [...literals]
    .map(([, template, plain]) => template ?? plain ?? "")
    .filter((literal) => STATEMENT.test(literal));
}

test("no statement of the code names tables of two schemas", async () => {
  const found: string[] = [];
  let statements = 0;
  for (const file of sources) {
    if (file === "test/schemas.test.ts") continue;
    for (const statement of statementsIn(await read(file))) {
      statements += 1;
      if (schemasIn(statement).length > 1) found.push(`${file}: ${statement.trim()}`);
    }
  }
  expect(found).toEqual([]);
  expect(statements).toBeGreaterThan(100);
});

test("no migration of a schema names a table of another", async () => {
  for (const file of migrations) {
    const [, , schema = ""] = file.split("/");
    const others = SCHEMAS.filter((other) => other !== schema);
    const foreign = new Set(others.flatMap((other) => [...tables[other]]));
    for (const table of tables[schema as Schema]) foreign.delete(table);
    const text = (await read(file)).replace(/^--.*$/gm, "");
    const named = text.match(/\b\w+\b/g)?.filter((name) => foreign.has(name));
    expect([file, named]).toEqual([file, []]);
  }
});

test("the worker names booking's tables alone, the catalogue's room its own alone", async () => {
  const foreign: string[] = [];
  for (const [room, own] of [["worker", "booking"] as const, ["catalogue", "catalogue"] as const]) {
    for (const file of sources.filter((each) => each.startsWith(`${room}/`)))
      for (const statement of statementsIn(await read(file)))
        if (schemasIn(statement).some((schema) => schema !== own))
          foreign.push(`${file}: ${statement.trim()}`);
  }
  expect(foreign).toEqual([]);
});

/** Before any origin runs, so no cache knows a lecture yet. */
const WRITES_UNREAD = ["database/carry-over.ts"];

test("every statement that writes a lecture stands in a file that tells the cache", async () => {
  const product = sources.filter(
    (file) => !/^(proof|test|loadtest)\/|\.test\.ts$/.test(file) && !WRITES_UNREAD.includes(file),
  );
  const writing: string[] = [];
  for (const file of product) {
    const text = await read(file);
    const writes = /\b(?:INSERT(?: IGNORE)? INTO|REPLACE INTO|UPDATE|DELETE FROM) lecture\b/;
    if (!statementsIn(text).some((statement) => writes.test(statement))) continue;
    writing.push(file);
    expect([file, text.includes("await writingLecture(")]).toEqual([file, true]);
  }
  expect(writing.sort()).toEqual(["catalogue/draft.ts", "catalogue/project.ts"]);
});

test.each([
  ["SELECT title FROM lecture JOIN stock ON stock.lecture_id = lecture.id", 2],
  ["UPDATE stock SET remaining = 0 WHERE lecture_id IN (SELECT lecture_id FROM words)", 2],
  ["SELECT lecture_id FROM reservation, person WHERE user_id = person.id", 2],
  ["SELECT lecture_id FROM stock JOIN reservation USING (lecture_id)", 1],
  ["SELECT id FROM lecture_0_2 JOIN stock ON lecture_id = id", 1],
])("%s names tables of %d schemas", (statement, count) => {
  expect(statementsIn(`const sql = \`${statement}\`;`)).toEqual([statement]);
  expect(schemasIn(statement)).toHaveLength(count);
});
