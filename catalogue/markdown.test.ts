import { expect, test } from "bun:test";
import { htmlOf } from "./markdown.ts";

test("Markdown becomes HTML", () => {
  expect(htmlOf("# 光\n\nfrom *light* to [quanta](https://example.org/)")).toBe(
    '<h1>光</h1>\n<p>from <em>light</em> to <a href="https://example.org/">quanta</a></p>',
  );
});

test.each([
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt&colon;alert(1))",
  "![x](data:text/html;base64,PHNjcmlwdD4=)",
  '[x](https://a.example "\\" onmouseover=alert(1) \\"")',
  "<javascript:alert(1)>",
])("%s runs nothing", (markdown) => {
  let scripts = 0;
  const rewriter = new HTMLRewriter().on("*", {
    element(element) {
      if (/^(script|iframe|object|embed|style)$/.test(element.tagName)) scripts += 1;
      for (const [name, value] of element.attributes) {
        if (name.startsWith("on")) scripts += 1;
        if (/^(href|src)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value))
          scripts += 1;
      }
    },
  });
  rewriter.transform(htmlOf(markdown));
  expect(scripts).toBe(0);
});
