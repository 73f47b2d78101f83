/** A secret, and the name that a finding shows in place of its value. */
export interface Canary {
  name: string;
  value: string;
}

/** A text in every form in which a log may hold it: plain and encoded. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => insideBase64(bytes, shift)),
    // a list of bytes, as JSON writes a buffer
    bytes.join(","),
  ];
  return [...new Set(forms)];
}

/** The part of a longer text's base64 that does not depend on the neighbouring bytes. */
function insideBase64(bytes: Buffer, shift: number): string[] {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  const inside = text.slice(shift === 0 ? 0 : 4, Math.floor((shift + bytes.length) / 3) * 4);
  return [inside, inside.replaceAll("+", "-").replaceAll("/", "_")];
}

/**
 * The keys of a keyring, each in base64, as the settings hold it, and in hex. Their names are
 * excluded, since every token shows them.
 */
export function canariesOfKeyring(name: string, keyring: string): Canary[] {
  return keyring.split(",").flatMap((key, at) => {
    const base64 = key.slice(key.indexOf(":") + 1);
    const bytes = Buffer.from(base64, "base64");
    return [
      { name: `${name} ${at}`, value: base64 },
      { name: `${name} ${at} in hex`, value: bytes.toString("hex") },
      { name: `${name} ${at} in base64url`, value: bytes.toString("base64url") },
      { name: `${name} ${at} as bytes`, value: bytes.join(",") },
    ];
  });
}

/** The names of the canaries that a text contains in any form. */
export function canariesIn(text: string, canaries: Canary[]): string[] {
  return canaries
    .filter(({ value }) => formsOf(value).some((form) => form !== "" && text.includes(form)))
    .map(({ name }) => name);
}
