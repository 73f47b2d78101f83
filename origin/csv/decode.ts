/**
 * The text of a file in UTF-8, or else in GB18030, as Excel writes it in China; undefined for
 * bytes that are neither. Bytes of GB18030 that happen to be UTF-8 too are ASCII in practice.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  return decodeAs("utf-8", bytes) ?? decodeAs("gb18030", bytes);
}

function decodeAs(encoding: "utf-8" | "gb18030", bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
