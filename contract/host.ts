import * as z from "zod";

/** A department or society that holds lectures. Its id stands in URLs and in session tokens. */
export const HOST_ID_FORM = /^[a-z0-9-]{1,32}$/;
export const HostId = z.string().check(z.regex(HOST_ID_FORM));
export type HostId = z.infer<typeof HostId>;

/** The most hosts of a session: its token has to fit into a header. */
export const HOSTS_OF_SESSION_MAX = 50;

/** The name of a host as its readers see it, at most 200 characters. */
export const HostName = z.string().check(
  z.normalize("NFC"),
  z.trim(),
  z.minLength(1),
  z.maxLength(200),
  z.refine((name) => name.isWellFormed()),
);

export const Host = z.object({ id: HostId, name: z.string() });
export type Host = z.infer<typeof Host>;

/** The most hosts in one answer. */
export const HOSTS_MAX = 1_000;

/** The hosts that an organiser works for, by id; an admin sees all, at most HOSTS_MAX. */
export const HostList = z.object({ hosts: z.array(Host) });
export type HostList = z.infer<typeof HostList>;

/** The body of a request that makes or renames a host. */
export const HostChange = z.strictObject({ name: HostName });
export type HostChange = z.infer<typeof HostChange>;
