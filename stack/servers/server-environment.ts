/**
 * The environment of a server. The operator's environment is left out: it is for the operator's own
 * servers.
 */
export function serverEnvironment(home: string): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
  };
}
