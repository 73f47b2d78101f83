import { expect, test } from "bun:test";
import { faultOfBrokerUrl } from "./address.ts";

test.each([
  "amqp://u:p@h",
  "amqp://u:p@h:5672/",
  "amqps://u:p@h:5671/%2Flectern",
  "amqp://u:p@[::1]:5672/x?heartbeat=3",
])("%s is an address", (url) => expect(faultOfBrokerUrl(url)).toBeUndefined());

test.each([
  ["http://u:hunter2@h", "not of the form amqp://"],
  ["amqp:hunter2", "not of the form amqp://"],
  ["amqp://u:hunter2@h/a/b", "%2F"],
  ["amqp://u:hunter2%zz@h/", "%25"],
])("%s is refused for what is wrong with it, without a word of it", (url, why) => {
  expect(faultOfBrokerUrl(url)).toContain(why);
  expect(faultOfBrokerUrl(url)).not.toContain("hunter2");
});
