import type { Command } from "../command.ts";
import { tableOf } from "../table.ts";

export const listHosts: Command = {
  name: "hosts list",
  says: "the hosts that you work for; all of them for an admin",
  async run({ edge, isJson, print }) {
    const { body } = await edge.ask({ path: "/api/admin/hosts" });
    if (isJson) return print(JSON.stringify(body, null, 2));
    const { hosts } = body as { hosts: { id: string; name: string }[] };
    print(
      tableOf(
        ["id", "name"],
        hosts.map(({ id, name }) => [id, name]),
      ),
    );
  },
};

export const putHost: Command = {
  name: "hosts put",
  words: ["ID"],
  says: "makes a host or renames it, for an admin",
  options: { name: { value: "TEXT", says: "its name, as readers see it" } },
  async run({ edge, given, words, isJson, print }) {
    const path = `/api/admin/hosts/${encodeURIComponent(words[0] ?? "")}`;
    const { body } = await edge.ask({ method: "PUT", path, body: { name: given.needed("name") } });
    print(isJson ? JSON.stringify(body, null, 2) : `host ${words[0]} is there`);
  },
};
