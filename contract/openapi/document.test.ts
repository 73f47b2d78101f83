import { expect, test } from "bun:test";
import { OPENAPI_FILE, writtenDocument } from "./write.ts";

test("the document that the edge serves is what the schemas give", async () => {
  expect(await Bun.file(OPENAPI_FILE).text(), "run: npm run openapi").toBe(writtenDocument());
});
