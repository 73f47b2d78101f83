import * as z from "zod";
import { HOSTS_OF_SESSION_MAX, HostId } from "./host.ts";
import { UserId } from "./ids.ts";

/** Who runs lectures. An organiser runs those of their hosts, an admin those of every host. */
export const Actor = z.object({
  userId: UserId,
  role: z.enum(["organiser", "admin"]),
  hosts: z.array(HostId).check(z.maxLength(HOSTS_OF_SESSION_MAX)),
});
export type Actor = z.infer<typeof Actor>;

/**
 * Writes an actor as query parameters. The edge names the actor in the address of its call to the
 * origin, and the signature covers the address.
 */
export function writeActor({ userId, role, hosts }: Actor): string {
  return `by=${userId}&role=${role}&hosts=${hosts.join(",")}`;
}

/** Reads the parameters of writeActor; undefined for anything else. */
export function readActor(query: Record<string, string | undefined>): Actor | undefined {
  const { by, role, hosts } = query;
  const list = hosts === "" ? [] : hosts?.split(",");
  return Actor.safeParse({ userId: by, role, hosts: list }).data;
}

/** Whether an actor runs the lectures of a host. */
export function runsHost({ role, hosts }: Actor, hostId: HostId): boolean {
  return role === "admin" || hosts.includes(hostId);
}
