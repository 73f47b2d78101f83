import { chmod, writeFile } from "node:fs/promises";
import type { Command } from "../command.ts";

/** The demo sign-in of an edge whose origin has DEMO_LOGIN=1. */
export const signIn: Command = {
  name: "sign-in",
  says: "a token, where demo sign-in is on",
  options: {
    student: { value: "NUMBER", says: "any student number" },
    role: { value: "ROLE", says: "student, organiser or admin" },
    hosts: { value: "IDS", says: "the hosts that an organiser works for, with commas" },
    groups: { value: "GROUPS", says: "groups of the person, with commas" },
  },
  async run({ edge, given, isJson, print, note }) {
    const list = (name: string) =>
      given
        .text(name)
        ?.split(",")
        .filter((part) => part !== "");
    const [hosts, groups, role] = [list("hosts"), list("groups"), given.text("role")];
    const body = {
      studentNumber: given.needed("student"),
      ...(role !== undefined && { role }),
      ...(hosts && { hosts }),
      ...(groups && { groups }),
    };
    const answer = await edge.ask({ method: "POST", path: "/api/auth/demo", body });
    const { token, expiresAt } = answer.body as { token: string; expiresAt: string };
    const file = given.text("token-file");
    if (file === undefined) return print(isJson ? JSON.stringify(answer.body, null, 2) : token);
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    // A file that was there keeps its mode.
    await chmod(file, 0o600);
    note(`${file} holds a token until ${expiresAt}`);
  },
};
