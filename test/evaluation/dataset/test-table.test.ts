import { describe, expect, it } from "vitest";
import { parseDataset } from "../../../src/evaluation/dataset/parse-dataset.ts";

const cases = (text: string) => parseDataset(text, "tests.csv").cases;

/** The assertion that one `__expected` field stands for. */
function expected(field: string) {
  const quoted = `"${field.replaceAll('"', '""')}"`;
  const { where: _, weight: __, ...rest } = cases(`q,__expected\nx,${quoted}\n`)[0]!.assert[0]!;
  return rest;
}

describe("an expectation that Sluice does not run", () => {
  it("is named when it is one of promptfoo's", () => {
    for (const type of ["python", "not-moderation", "gleu(0.8)", "webhook"])
      expect(() => parseDataset(`a,__expected\n1,"${type}: x"\n`, "t.csv")).toThrow(
        /^t\.csv:2: assertion type "[a-z-]+" is not one that Sluice runs/,
      );
  });

  it("is a text where it is none, with a warning when it looks like a slip", () => {
    const { cases, warnings } = parseDataset("a,__expected\n1,containz: b\n2,Answer: b\n", "t.csv");
    expect(cases.map(({ assert }) => assert[0])).toMatchObject([
      { type: "equals", value: "containz: b" },
      { type: "equals", value: "Answer: b" },
    ]);
    expect(warnings).toEqual([
      't.csv:2: "containz: b" is taken for the whole answer; if a type is meant, write contains:',
    ]);
  });
});

describe("a table of tests", () => {
  it("has a column for each variable, and what is expected", () => {
    const [first, second] = cases(
      '\uFEFFquestion,tone,__expected,__expected2,__description,__threshold,__metric\n"a, ""b""",kind,hello,contains: h,greets,0.5,manners\n"two\nlines",,icontains: x,,,,\n',
    );
    expect(first).toMatchObject({
      vars: { question: 'a, "b"', tone: "kind" },
      description: "greets",
      threshold: 0.5,
      where: "tests.csv:2",
      assert: [
        { type: "equals", value: "hello", metric: "manners" },
        { type: "contains", value: "h", metric: "manners" },
      ],
    });
    expect(second).toMatchObject({
      vars: { question: "two\nlines", tone: "" },
      assert: [{ type: "icontains" }],
    });
    expect(second!.assert).toHaveLength(1);
  });

  it("says in short what an answer must be", () => {
    expect(expected("yes")).toEqual({ type: "equals", negated: false, value: "yes" });
    expect(expected("Note: be kind")).toMatchObject({ type: "equals", value: "Note: be kind" });
    expect(expected("contains-any: a, b")).toMatchObject({ type: "contains-any", value: "a, b" });
    expect(expected("not-contains: a")).toMatchObject({ type: "contains", negated: true, value: "a" });
    expect(expected("regex: ^a+$")).toMatchObject({ type: "regex", value: "^a+$" });
    expect(expected("fn: output === 'a'")).toMatchObject({ type: "javascript", value: "output === 'a'" });
    expect(expected("grade: is polite")).toMatchObject({ type: "llm-rubric", value: "is polite" });
    expect(expected("similar(0.8): hello")).toMatchObject({
      type: "similar",
      value: "hello",
      threshold: 0.8,
    });
    expect(expected("levenshtein(2): hello")).toMatchObject({ type: "levenshtein", threshold: 2 });
    expect(expected("is-json")).toEqual({ type: "is-json", negated: false });
    expect(expected("latency(500)")).toMatchObject({ type: "latency", threshold: 500 });
    expect(expected("cost: 0.01")).toMatchObject({ type: "cost", threshold: 0.01 });
    expect(expected("word-count: 3")).toMatchObject({ type: "word-count", value: "3" });
  });

  it("that is broken is refused at its line", () => {
    expect(() => cases("")).toThrow(/^tests.csv: the table is empty/);
    expect(() => cases("a,__expected\nx,y,z\n")).toThrow(/^tests.csv:2: the row has 3 fields, the header 2/);
    expect(() => cases('a,__expected\n"x,y\n')).toThrow(/^tests.csv:\d+: not valid CSV/);
    expect(() => cases("a,a,__expected\nx,y,z\n")).toThrow(/column 2 is the second "a"/);
    expect(() => cases("a,__expcted\nx,y\n")).toThrow(/unknown column "__expcted"/);
    expect(() => cases("a,__expected,__threshold\nx,y,much\n")).toThrow(/^tests.csv:2: __threshold "much"/);
    expect(() => cases("a,__expected\nx,regex: (\n")).toThrow(
      /^tests.csv:2: regex: not a regular expression/,
    );
    expect(() => cases("a\nx\n")).toThrow(/no test case asserts anything/);
  });
});
