/** The environment of a server: nothing of the operator's, whose settings are for servers of their own. */
export function serverEnvironment(home: string): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
  };
}
