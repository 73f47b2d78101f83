/** The form of ZooKeeper's address. */
const ZOOKEEPER_FORM = "host:2181[,host:2181][/chroot]";

const ADDRESS = /^([^\s,/:@]+:\d{1,5}(?:,[^\s,/:@]+:\d{1,5})*)((?:\/[^\s/]+)*)\/?$/;

/** The fault of a ZooKeeper address; undefined for a usable one. */
export function faultOfZooKeeperAddress(text: string): string | undefined {
  const [, servers = "", chroot = ""] = ADDRESS.exec(text) ?? [];
  if (servers === "") return `not of the form ${ZOOKEEPER_FORM}`;
  const ports = servers.split(",").map((server) => Number(server.split(":")[1]));
  if (ports.some((port) => port < 1 || port > 65_535)) return "a port is a number from 1 to 65535";
  const isRelative = chroot.split("/").some((name) => name === "." || name === "..");
  return isRelative ? "a chroot holds no . and no .." : undefined;
}
