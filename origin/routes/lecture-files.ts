import { Hono } from "hono";
import { type OrganisedRow, organisedAfter, organisedOf } from "../../catalogue/organised.ts";
import type { Actor } from "../../contract/actor.ts";
import { HOST_ID_FORM, type HostId } from "../../contract/host.ts";
import { IdempotencyKey, type LectureId } from "../../contract/ids.ts";
import { MAX_WAIT_MS } from "../../contract/origin-api.ts";
import { actorOf } from "../actor.ts";
import type { OriginEnv } from "../context.ts";
import { answerCsv, FILE_PAGE_WITHIN_MS } from "../csv/answer.ts";
import { lectureHeader, lectureRecord } from "../csv/lecture-columns.ts";
import type { RecordPages } from "../csv/stream.ts";
import { deadlineIn } from "../deadline.ts";
import type { OriginDeps } from "../deps.ts";
import { importLectures } from "../import.ts";
import { Refusal } from "../refusal.ts";
import { select } from "../select.ts";

/** Lectures in one chunk of a file: descriptions may be long. */
const FILE_PAGE = 50;

/**
 * Lectures as files:
 * - `POST /admin/lecture-file?ACTOR` (`&key=K&at=MS&dryRun=1`, a CSV file)
 * - `GET /admin/lecture-file?ACTOR` (`&host=H&language=zh`)
 */
export function lectureFileRoutes(deps: OriginDeps) {
  return new Hono<OriginEnv>()
    .post("/admin/lecture-file", async (c) => {
      const actor = actorOf(c);
      const { key: sent, at = "", dryRun } = c.req.query();
      const key = IdempotencyKey.safeParse(sent);
      if (!key.success || !/^\d{1,14}$/.test(at)) throw new Refusal("invalid_request");
      const asked = {
        bytes: new Uint8Array(await c.req.arrayBuffer()),
        key: key.data,
        dryRun: dryRun === "1",
        requestedAtMs: Number(at),
        withinMs: MAX_WAIT_MS,
      };
      return c.json(await importLectures(deps, actor, asked, c.var.deadline));
    })
    .get("/admin/lecture-file", async (c) => {
      const actor = actorOf(c);
      const { host, language: asked } = c.req.query();
      if (host !== undefined && !HOST_ID_FORM.test(host)) throw new Refusal("invalid_request");
      const language = asked === "zh" ? "zh" : "en";
      const how = { language, timeZone: deps.timeZone } as const;
      async function* records(): RecordPages {
        for await (const page of lecturePages(deps, actor, host))
          yield page.map((row) => lectureRecord(organisedOf(row), how));
      }
      return answerCsv(deps, lectureHeader(language), records());
    });
}

/** Each page takes a place at the gate, and none is held between two pages. */
async function* lecturePages(
  { catalogue, gates }: OriginDeps,
  actor: Actor,
  host: HostId | undefined,
): AsyncGenerator<OrganisedRow[]> {
  let after: LectureId | undefined = "0";
  while (after !== undefined) {
    const statement = organisedAfter(actor, { after, host, limit: FILE_PAGE });
    const deadline = deadlineIn(FILE_PAGE_WITHIN_MS);
    const read = () => select<OrganisedRow>(catalogue, statement, deadline);
    const rows = await gates.reads.run(read, deadline);
    yield rows;
    const last = rows.at(-1);
    after = last && rows.length === FILE_PAGE ? String(last.id) : undefined;
  }
}
