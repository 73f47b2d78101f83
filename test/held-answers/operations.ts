import Ajv, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import document from "../../contract/openapi/openapi.json" with { type: "json" };

/** What the document says of an answer with one status. */
export interface DocumentedAnswer {
  /** the schema of each media type; none for an answer without a body */
  content: Map<string, ValidateFunction>;
  headers: { name: string; required: boolean; validate: ValidateFunction }[];
}

export interface Operation {
  /** `GET /api/lectures/{id}` */
  name: string;
  answers: Map<number, DocumentedAnswer>;
}

interface Described {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}

const ajv = new Ajv({ strict: false, allErrors: false, validateSchema: false });
addFormats(ajv);
ajv.addSchema(document, "openapi");

/** The compiled schema at a place of the document. */
function schemaAt(...keys: string[]): ValidateFunction {
  const place = keys.map((key) =>
    encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1")),
  );
  return ajv.compile({ $ref: `openapi#/${place.join("/")}` });
}

/** An address without a parameter goes before one with it (OpenAPI 3.1, 4.8.8.2). */
const paths = Object.entries(document.paths as Record<string, Record<string, Responses>>).sort(
  ([one], [other]) => one.split("{").length - other.split("{").length,
);
type Responses = { responses: Record<string, Described> };

/** Each operation is read when it is needed first. */
const read = new Map<string, Operation>();

/** The operation of a request; undefined where the document has none. HEAD is answered as GET. */
export function operationOf(method: string, pathname: string): Operation | undefined {
  const path = decoded(pathname);
  for (const [template, methods] of paths) {
    if (!matches(template, path)) continue;
    const lower = method.toLowerCase();
    const named = lower === "head" && !methods["head"] ? "get" : lower;
    const operation = methods[named];
    if (operation) return readOperation(template, named, operation);
    // A word such as `export` is no value of a parameter.
    if (template === path) return undefined;
  }
  return undefined;
}

function readOperation(path: string, method: string, { responses }: Responses): Operation {
  const name = `${method.toUpperCase()} ${path}`;
  const known = read.get(name);
  if (known) return known;
  const answers = Object.entries(responses).map(([status, { headers = {}, content = {} }]) => {
    const place = ["paths", path, method, "responses", status];
    return [
      Number(status),
      {
        content: new Map(
          Object.keys(content).map((type) => [type, schemaAt(...place, "content", type, "schema")]),
        ),
        headers: Object.entries(headers).map(([header, { required = false }]) => ({
          name: header,
          required,
          validate: schemaAt(...place, "headers", header, "schema"),
        })),
      },
    ] as const;
  });
  const operation = { name, answers: new Map<number, DocumentedAnswer>(answers) };
  read.set(name, operation);
  return operation;
}

/** The schema of problem details, for requests that no operation takes. */
export const problemSchema = (): ValidateFunction => schemaAt("components", "schemas", "Problem");

function matches(template: string, path: string): boolean {
  const [wanted, given] = [template.split("/"), path.split("/")];
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith("{") ? given[at] !== "" : part === given[at]))
  );
}

/** The edge's router decodes an address before it looks for the route. */
function decoded(pathname: string): string {
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}
