import { writeActor } from "../../contract/actor.ts";
import { HOST_ID_FORM, Host, HostChange, type HostId, HostList } from "../../contract/host.ts";
import { answerJson, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { readJsonBody } from "../json-body.ts";
import { actorOf } from "../organiser.ts";
import { askFor } from "../origin-answers.ts";
import { problem, Refused } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

type Deps = Pick<EdgeDeps, "origin">;

/** GET /api/admin/hosts: the hosts that the organiser works for; all hosts for an admin. */
export function hosts({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const path = `/admin/hosts?${writeActor(actorOf(c))}`;
    const requestId = requestIdOf(c);
    const answer = await askFor(HostList, origin, { method: "GET", path, requestId });
    if (answer.outcome === "unknown") return answerUnavailable(c, "hosts", answer.error);
    if (answer.outcome === "refused") return problem(c, answer.code);
    return answerJson(c, 200, answer.value);
  };
}

/** GET /api/admin/hosts/:id: one of these hosts. */
export function host({ origin }: Deps) {
  return (c: EdgeContext): Promise<Response> => passHost(c, origin, { method: "GET" });
}

/** PUT /api/admin/hosts/:id: makes a host, or gives it another name. */
export function putHost({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const change = HostChange.safeParse(readJsonBody(c));
    if (!change.success) throw new Refused("invalid_request", { detail });
    return await passHost(c, origin, { method: "POST", body: change.data });
  };
}

const detail = {
  en: 'The body must be {"name": "…"} with 1 to 200 characters.',
  zh: '请求体须为 {"name": "…"}，名称为 1 至 200 个字符。',
};

async function passHost(
  c: EdgeContext,
  origin: EdgeDeps["origin"],
  request: { method: "GET" | "POST"; body?: HostChange },
): Promise<Response> {
  const path = `/admin/hosts/${hostIdOf(c)}?${writeActor(actorOf(c))}`;
  const answer = await askFor(Host, origin, { ...request, path, requestId: requestIdOf(c) });
  if (answer.outcome === "unknown") return answerUnavailable(c, "hosts", answer.error);
  if (answer.outcome === "refused") return problem(c, answer.code);
  return answerJson(c, 200, answer.value);
}

/** The host of a path. Throws Refused (404) for an impossible id, which goes no further. */
function hostIdOf(c: EdgeContext): HostId {
  const id = c.req.param("id") ?? "";
  if (!HOST_ID_FORM.test(id)) throw new Refused("host_not_found");
  return id;
}
