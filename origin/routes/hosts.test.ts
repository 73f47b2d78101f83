import { afterAll, beforeAll, expect, test } from "bun:test";
import { redisNames } from "../../contract/names.ts";
import { openTestOrigin, type TestOrigin } from "../../test/rooms/origin.ts";
import { openTestDatabase, openTestRedis } from "../../test/servers.ts";

let origin: TestOrigin;
const catalogue = openTestDatabase("catalogue");
beforeAll(async () => {
  origin = await openTestOrigin();
});
afterAll(async () => {
  await origin.close();
  await catalogue.close();
});

const newHost = () => `h-${crypto.randomUUID().slice(0, 8)}`;
const admin = "by=s-ADMIN&role=admin&hosts=";
const organiser = (...hosts: string[]) => `by=s-1&role=organiser&hosts=${hosts.join(",")}`;

test("an admin makes a host and renames it; its organisers see it, and others do not", async () => {
  const id = newHost();
  for (const name of ["物理系 Physics", "Department of Physics"])
    expect(await origin.ask(`/admin/hosts/${id}?${admin}`, { body: { name } })).toMatchObject({
      status: 200,
      body: { id, name },
    });
  const named = { id, name: "Department of Physics" };
  const read = async (path: string) => (await origin.ask(path)).body;
  expect(await read(`/admin/hosts/${id}?${organiser(id)}`)).toEqual(named);
  expect(await read(`/admin/hosts?${organiser(id, "none-such")}`)).toEqual({ hosts: [named] });
  expect(await read(`/admin/hosts?${organiser()}`)).toEqual({ hosts: [] });
  expect(await read(`/admin/hosts/${id}?${organiser("other")}`)).toEqual({
    code: "host_not_found",
  });
  const { hosts } = await read(`/admin/hosts?${admin}`);
  expect(hosts).toContainEqual(named);
});

test("a host's new name begins a generation", async () => {
  const generation = () => openTestRedis().get(redisNames.generation);
  const before = await generation();
  await origin.ask(`/admin/hosts/${newHost()}?${admin}`, { body: { name: "Physics" } });
  expect(await generation()).not.toBe(before);
});

test("an organiser makes no host, and a request that names nobody is refused", async () => {
  const id = newHost();
  const body = { name: "Mine" };
  for (const who of [organiser(id), "x=1", "by=s-1&role=student&hosts=", "by=s-1&role=admin"])
    expect(await origin.ask(`/admin/hosts/${id}?${who}`, { body })).toMatchObject({ status: 403 });
  expect(await origin.ask(`/admin/hosts/${id}?${admin}`)).toMatchObject({ status: 404 });
});

test.each([
  ["H", { name: "a" }, 404],
  ["a_b", { name: "a" }, 404],
  ["a".repeat(33), { name: "a" }, 404],
  ["ok", { name: "" }, 422],
  ["ok", { name: "  " }, 422],
  ["ok", { name: "x".repeat(201) }, 422],
  ["ok", { name: "a", more: 1 }, 422],
])("the host %s named %p is %p", async (id, body, status) => {
  expect((await origin.ask(`/admin/hosts/${id}?${admin}`, { body })).status).toBe(status);
});
