import { expect, test } from "bun:test";
import { readStudents } from "./students.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

test("the column named student number is read, in English and Chinese, beside others", () => {
  const expected = [
    { line: 2, studentNumber: "20230001" },
    { line: 3, studentNumber: "20230002" },
  ];
  const english = utf8('name,Student Number\r\n"Li, 雷",20230001\r\nHan,20230002\r\n');
  const chinese = utf8("\uFEFF姓名,学号\n李雷, 20230001 \n韩梅梅,20230002\n,\n");
  expect([readStudents(english), readStudents(chinese)]).toEqual([
    { students: expected },
    { students: expected },
  ]);
});

test("a file in GB18030, as Excel writes it in China, is read", () => {
  // 学号, and two numbers
  const bytes = Uint8Array.of(0xd1, 0xa7, 0xba, 0xc5, ...utf8("\r\n20230001\r\n20230002"));
  expect(readStudents(bytes)).toMatchObject({ students: [{ line: 2 }, { line: 3 }] });
});

test("a file without a header is read by its first column", () => {
  const read = readStudents(utf8("20230001,x\n２０２３０００２,y"));
  expect(read).toMatchObject({
    students: [{ studentNumber: "20230001" }, { studentNumber: "２０２３０００２" }],
  });
});

test.each<[name: string, text: string, fault: ReturnType<typeof readStudents>]>([
  ["without a line", "", { fault: "empty" }],
  ["with a header alone", "学号\n", { fault: "empty" }],
  ["without such a column", "name,seat\nx,y", { fault: "column" }],
  ["with broken quotes", '学号\n"2023', { fault: "quotes", line: 2 }],
  ["of 1,001 students", `学号\n${"20230001\n".repeat(1_001)}`, { fault: "too_many" }],
])("a file %s is refused as a whole", (_name, text, fault) => {
  expect(readStudents(utf8(text))).toEqual(fault);
});

test("bytes of no text are refused", () => {
  expect(readStudents(Uint8Array.of(0xff, 0xff, 0x41))).toEqual({ fault: "encoding" });
});
