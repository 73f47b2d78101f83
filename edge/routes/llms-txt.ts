import { fixedText } from "../fixed-text.ts";

/** In the form of llmstxt.org: a name, what it is, and where to read on. */
const TEXT = `# Lectern

> Lecture seats, booked by thousands of people in the same second. This is the HTTP API of one
> deployment. Times are RFC 3339 in UTC. A refusal is problem details (RFC 9457) with a
> stable \`code\`.

## How to book

1. \`GET /api/lectures\` lists the lectures. \`GET /api/lectures/{id}/availability\` says whether
   booking is open (\`state\`), and how many seats are left.
2. A request of a student needs \`Authorization: Bearer TOKEN\`. Where the deployment allows it,
   \`POST /api/auth/demo\` with \`{"studentNumber": "20230001"}\` gives a token.
3. \`POST /api/lectures/{id}/reservations\` with an \`Idempotency-Key\` of your own books a seat.
   \`Prefer: wait=10\` waits for the decision: 201 is a confirmed seat.
4. 202 means claimed and not decided yet. Ask at \`Location\` again after \`Retry-After\` seconds.
5. After 503, 429 or a lost answer, wait \`Retry-After\` seconds. Then send the same request with
   the same \`Idempotency-Key\`: the same key gives the same reservation. A timeout is never a
   failure.
6. \`DELETE /api/reservations/{id}\` gives the seat back.

## Reference

- [OpenAPI 3.1](/api/openapi.json): every operation, answer and code
- [Reference page](/docs): the same for people
`;

/** GET /llms.txt: the API in a page of text, for language models. */
export const llmsTxt = fixedText("text/plain; charset=utf-8", () => TEXT);
