import { decodeJwt } from "jose";
import { DemoSignIn, SignedIn } from "../../contract/origin-api.ts";
import { answerJson, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { readJsonBody } from "../json-body.ts";
import { askFor } from "../origin-answers.ts";
import { cameOverTls } from "../over-tls.ts";
import { problem, Refused } from "../problem.ts";
import { keepSession, withCookies } from "../session-cookie.ts";
import { answerLimited, answerUnavailable } from "../unavailable.ts";

/**
 * POST /api/auth/demo: a session for any student number, where the origin allows it. Browsers keep
 * it as a cookie.
 */
export function demoSignIn({ limits, origin, addressOf }: EdgeDeps) {
  return async (c: EdgeContext): Promise<Response> => {
    const body = readSignIn(c);
    const limit = await limits.takeOfAddress(addressOf(c));
    if (limit.outcome !== "passed") return answerLimited(c, limit);
    const requestId = requestIdOf(c);
    const answer = await askFor(SignedIn, origin, {
      method: "POST",
      path: "/auth/demo",
      body,
      requestId,
    });
    if (answer.outcome === "unknown") return answerUnavailable(c, "sign-in", answer.error);
    if (answer.outcome === "refused") return problem(c, answer.code);
    const { token } = answer.value;
    return withCookies(
      answerJson(c, 200, answer.value),
      keepSession(token, lifetimeOf(token), cameOverTls(c)),
    );
  };
}

/**
 * How long a token is valid after its issue, in seconds, by the issuer's clock: the edge's may
 * differ. Undefined if the token does not say.
 */
function lifetimeOf(token: string): number | undefined {
  try {
    const { exp, iat } = decodeJwt(token);
    return exp === undefined || iat === undefined ? undefined : Math.max(0, exp - iat);
  } catch {
    return undefined;
  }
}

function readSignIn(c: EdgeContext): DemoSignIn {
  const signIn = DemoSignIn.safeParse(readJsonBody(c));
  if (signIn.success) return signIn.data;
  throw new Refused("invalid_request", {
    detail: {
      en:
        'The body must be {"studentNumber": "…"} with 4 to 20 letters or digits, ' +
        "and may name a role, hosts and groups.",
      zh:
        '请求体须为 {"studentNumber": "…"}，学号为 4 至 20 位字母或数字，' +
        "可另给出 role、hosts 与 groups。",
    },
  });
}
