import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { ensureHost } from "../catalogue/hosts.ts";
import type { Actor } from "../contract/actor.ts";
import { openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { openTestDatabase } from "../test/servers.ts";
import { deadlineIn } from "./deadline.ts";
import { importLectures } from "./import.ts";

/*
 * No worker runs here: a lecture stays a draft, whose command waits. So an import is never
 * finished, and what counts is what it leaves behind.
 */
let origin: TestOrigin;
const catalogue = openTestDatabase("catalogue");
const HOST = `h-${crypto.randomUUID().slice(0, 8)}`;
let actor: Actor;

beforeAll(async () => {
  origin = await openTestOrigin();
  await ensureHost(catalogue, { id: HOST, name: "Physics" });
});
beforeEach(() => {
  actor = { userId: `u-${crypto.randomUUID()}`, role: "organiser", hosts: [HOST] };
});
afterAll(async () => {
  await origin.close();
  await catalogue.close();
});

const HEADER = "host,title,speaker,venue,starts_at,ends_at,opens_at,capacity";

function fileOf(count: number, title = "Light"): Uint8Array {
  const row = (at: number) =>
    `${HOST},${title} ${at},P,H,2027-01-01 19:00,2027-01-01 21:00,2026-12-01 08:00,5`;
  const rows = Array.from({ length: count }, (_, at) => row(at));
  return new TextEncoder().encode([HEADER, ...rows].join("\n"));
}

function send(bytes: Uint8Array, more: Partial<Parameters<typeof importLectures>[2]> = {}) {
  const asked = { bytes, key: "k", dryRun: false, requestedAtMs: Date.now(), withinMs: 2_000 };
  return importLectures(origin.deps, actor, { ...asked, ...more }, deadlineIn(10_000));
}

async function draftTitles(): Promise<string[]> {
  const sql = "SELECT title FROM lecture WHERE created_by = ? ORDER BY title";
  const [rows] = await catalogue.withConnection((connection) =>
    connection.execute<RowDataPacket[]>(sql, [actor.userId]),
  );
  return rows.map((row) => row["title"] as string);
}

/** Has the catalogue fail from its `allowed`th insertion of a draft on. */
function failAfter(allowed: number): () => void {
  const { withConnection } = origin.deps.catalogue;
  let drafts = 0;
  origin.deps.catalogue.withConnection = (work, timeoutMs) =>
    withConnection(async (connection) => {
      const watched = new Proxy(connection, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (name !== "execute") return typeof value === "function" ? value.bind(target) : value;
          return (statement: unknown, values: unknown) => {
            if (typeof statement === "string" && statement.includes("INSERT INTO lecture")) {
              drafts += 1;
              if (drafts > allowed) throw new Error("the process died here");
            }
            return value.call(target, statement, values);
          };
        },
      });
      return await work(watched);
    }, timeoutMs);
  return () => {
    origin.deps.catalogue.withConnection = withConnection;
  };
}

test("an import that died makes the rest under the same key, and nothing twice", async () => {
  const mend = failAfter(3);
  expect(await send(fileOf(8))).toMatchObject({ rows: Array(8).fill({ status: "pending" }) });
  expect((await draftTitles()).length).toBe(3);
  mend();
  await send(fileOf(8));
  expect(await draftTitles()).toEqual(Array.from({ length: 8 }, (_, at) => `Light ${at}`));
  await send(fileOf(8));
  expect((await draftTitles()).length).toBe(8);
});

test("what is left of the time begins no lecture, and the answer says so", async () => {
  expect(await send(fileOf(2), { withinMs: 500 })).toMatchObject({
    rows: Array(2).fill({ status: "pending" }),
  });
  expect(await draftTitles()).toEqual([]);
});

test("a dry run makes nothing, and a wrong row makes nothing of the others", async () => {
  expect(await send(fileOf(2), { dryRun: true })).toMatchObject({
    rows: Array(2).fill({ status: "valid" }),
  });
  const wrong = Buffer.concat([fileOf(2), Buffer.from("\nx,y\n")]);
  expect(await send(wrong)).toMatchObject({ faults: expect.anything() });
  expect(await draftTitles()).toEqual([]);
});

test("a row of a host that is not the actor's makes nothing of the others", async () => {
  const foreign = new TextDecoder().decode(fileOf(3)).replace(HOST, "campus");
  expect(await send(new TextEncoder().encode(foreign))).toMatchObject({
    faults: [{ row: 2, field: "host" }],
  });
  expect(await draftTitles()).toEqual([]);
});

test("the key of a file under way names no other file, and makes nothing of it", async () => {
  await send(fileOf(2));
  const other = new TextDecoder().decode(fileOf(6)).replace("Light 1", "Quanta");
  const sent = send(new TextEncoder().encode(other));
  expect(await sent.catch((error) => error)).toMatchObject({ code: "key_reused" });
  expect(await draftTitles()).toEqual(["Light 0", "Light 1"]);
});
