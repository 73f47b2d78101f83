import document from "../../contract/openapi/openapi.json" with { type: "json" };
import { fixedText } from "../fixed-text.ts";

/** GET /api/openapi.json: what this API is, for programs (OpenAPI 3.1). */
export const openapi = fixedText("application/json", () => JSON.stringify(document));
