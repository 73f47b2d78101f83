import { expect, test } from "bun:test";
import { faultOfZooKeeperAddress } from "./address.ts";

test.each(["h:2181", "h1:2181,h2:2182", "h:2181/lectern", "h:1,g:2/a/b", "h:2181/"])(
  "%s is an address",
  (address) => expect(faultOfZooKeeperAddress(address)).toBeUndefined(),
);

test.each([
  ["h", "not of the form host:2181"],
  ["h:p//x", "not of the form host:2181"],
  ["h:2181//x", "not of the form host:2181"],
  ["zookeeper://h:2181", "not of the form host:2181"],
  ["h:2181,/x", "not of the form host:2181"],
  ["h:0", "a port is a number"],
  ["h:99999/x", "a port is a number"],
  ["h:2181/../x", "no . and no .."],
])("%s is refused for what is wrong with it", (address, why) => {
  expect(faultOfZooKeeperAddress(address)).toContain(why);
});
