import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes an authority in a directory (`ca.pem`), and its certificate for 127.0.0.1 (`server.pem`,
 * `server.key`).
 */
export function makeAuthority(dir: string): { ca: string; certificate: string; key: string } {
  const at = (name: string) => join(dir, name);
  const [ca, certificate, key] = [at("ca.pem"), at("server.pem"), at("server.key")];
  writeFileSync(at("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  const [caKey, request] = [at("ca.key"), at("server.csr")];
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    caKey,
    "-out",
    ca,
    "-days",
    "2",
    "-subj",
    "/CN=authority",
  );
  openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=localhost");
  const signing = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-extfile", at("names")];
  openssl("x509", "-req", "-in", request, ...signing, "-out", certificate, "-days", "2");
  return { ca, certificate, key };
}

function openssl(...args: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (exitCode !== 0) throw new Error(`openssl: ${stderr}`);
}
