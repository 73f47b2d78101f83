import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";

/*
 * NODE_EXTRA_CA_CERTS names a PEM file with certificates of private authorities. Bun reads the
 * variable when a process starts, so our Bun programs need nothing else. The functions here serve
 * the programs that are not Bun.
 */

/** Why a file cannot serve as NODE_EXTRA_CA_CERTS; undefined when it can. */
export function faultOfAuthorities(path: string): string | undefined {
  if (!isAbsolute(path)) return "not an absolute path";
  const certificates = readAuthorities(path);
  if (!certificates) return "the file cannot be read";
  return certificates.length > 0 ? undefined : "the file holds no certificate in PEM";
}

/** The certificates of the file, each in PEM; undefined when the file cannot be read. */
export function readAuthorities(path: string): string[] | undefined {
  try {
    return (
      readFileSync(path, "utf8").match(
        /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
      ) ?? []
    );
  } catch {
    return undefined;
  }
}
