import { Hono } from "hono";
import { type HostRow, hostOf, hostsOf, putHost } from "../../catalogue/hosts.ts";
import { HOST_ID_FORM, HostChange, type HostId } from "../../contract/host.ts";
import { actorOf, adminOf } from "../actor.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { execute } from "../execute.ts";
import { Refusal } from "../refusal.ts";
import { select } from "../select.ts";

/**
 * The hosts of lectures:
 * - `GET /admin/hosts`, `GET /admin/hosts/:id`: those that an organiser works for
 * - `POST /admin/hosts/:id`: makes or renames one, for an admin
 */
export function hostRoutes({ catalogue, lectureWrites, gates: { reads, commands } }: OriginDeps) {
  return new Hono<OriginEnv>()
    .get("/admin/hosts", async (c) => {
      const actor = actorOf(c);
      const { deadline } = c.var;
      const read = () => select<HostRow>(catalogue, hostsOf(actor), deadline);
      const hosts = await reads.run(read, deadline);
      return c.json({ hosts: hosts.map(({ id, name }) => ({ id, name })) });
    })
    .get("/admin/hosts/:id", async (c) => {
      const actor = actorOf(c);
      const { deadline } = c.var;
      const statement = hostOf(actor, hostIdIn(c.req.param("id")));
      const read = () => select<HostRow>(catalogue, statement, deadline);
      const [host] = await reads.run(read, deadline);
      if (!host) throw new Refusal("host_not_found");
      return c.json({ id: host.id, name: host.name });
    })
    .post("/admin/hosts/:id", async (c) => {
      adminOf(c);
      const id = hostIdIn(c.req.param("id"));
      const change = HostChange.safeParse(await c.req.json());
      if (!change.success) throw new Refusal("invalid_request");
      const host = { id, name: change.data.name };
      const { deadline } = c.var;
      await commands.run(() => execute(catalogue, putHost(host), deadline), deadline);
      await lectureWrites.beginGeneration();
      return c.json(host);
    });
}

function hostIdIn(text: string): HostId {
  if (!HOST_ID_FORM.test(text)) throw new Refusal("host_not_found");
  return text;
}
