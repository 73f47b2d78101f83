import { expect, test } from "bun:test";
import { type ProblemCode, problems } from "../problems.ts";
import document from "./openapi.json" with { type: "json" };
import { OPENAPI_FILE, writtenDocument } from "./write.ts";

test("the document that the edge serves is what the schemas give", async () => {
  expect(await Bun.file(OPENAPI_FILE).text(), "run: npm run openapi").toBe(writtenDocument());
});

type Answers = Record<
  string,
  { description: string; content?: Record<string, { schema: object }> }
>;

/** Every code of the document, with the status that it stands at. */
function documentedCodes(): [status: string, code: string][] {
  return Object.values(document.paths as Record<string, Record<string, { responses: Answers }>>)
    .flatMap((item) => Object.values(item))
    .flatMap(({ responses }) => Object.entries(responses))
    .flatMap(([status, { content }]) => {
      const schema = content?.["application/problem+json"]?.schema as
        | { properties: { code: { enum: string[] } } }
        | undefined;
      return (schema?.properties.code.enum ?? []).map((code): [string, string] => [status, code]);
    });
}

test("every code of the table stands in the document, at its status, and no other", () => {
  const codes = documentedCodes();
  expect([...new Set(codes.map(([, code]) => code))].sort()).toEqual(Object.keys(problems).sort());
  for (const [status, code] of codes)
    expect(String(problems[code as ProblemCode].status), code).toBe(status);
});

test("every operation has a name of its own and a summary", () => {
  const operations = Object.values(document.paths).flatMap(
    (item) => Object.values(item) as { operationId: string; summary: string }[],
  );
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { operationId, summary } of operations) expect(summary, operationId).not.toBe("");
});
