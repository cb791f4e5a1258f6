import { describe, expect, it } from "vitest";
import type { Artifact, TemplateMessage, TemplateSyntax } from "../../src/domain/prompt/artifact.ts";
import { analyseArtifact } from "../../src/templates/analyse.ts";

const analyse = (messages: TemplateMessage[], syntax: TemplateSyntax = "jinja") => {
  const artifact: Artifact = {
    syntax,
    model: "openai/gpt-5-mini",
    params: {},
    variables: {
      question: { type: "string", untrusted: true },
      faq: { type: "list" },
      spare: { type: "json" },
    },
    messages,
  };
  return analyseArtifact(artifact);
};

describe("analysing an artifact", () => {
  it("lists what is used and what is not", () => {
    const { used, unused, problems } = analyse([
      { role: "system", content: "{% for f in faq %}{{ f }}{% endfor %}" },
      { placeholder: "history" },
      { role: "user", content: "{{ question }}" },
    ]);
    expect([...used]).toEqual(["faq", "question"]);
    expect(unused).toEqual(["spare"]);
    expect(problems).toEqual([]);
  });

  it("finds names that nobody declared, where they stand", () => {
    expect(analyse([{ role: "user", content: "a\nb {{ qestion }} {{ other | upper }}" }]).problems).toEqual([
      {
        message: 0,
        line: 2,
        column: 3,
        problem: 'variable "qestion" is used but not declared under variables; did you mean "question"?',
      },
      {
        message: 0,
        line: 2,
        column: 17,
        problem: 'variable "other" is used but not declared under variables',
      },
    ]);
  });

  it("finds a template that does not compile, in any message", () => {
    const { problems } = analyse([
      { role: "system", content: "fine" },
      { role: "user", content: "x\n{% if faq %}" },
    ]);
    expect(problems).toMatchObject([{ message: 1, line: 2, column: 1 }]);
  });

  it.each([
    "{{ question }}",
    "{{ question | upper | trim }}",
    "{{ 'x' ~ question }}",
    "{% for q in [question] %}{{ q }}{% endfor %}",
    "{% for q in question.split(' ') %}{{ q }}{% endfor %}",
    "{% set q = question %}{{ q }}",
    "{% set q %}{{ question }}{% endset %}{{ q }}",
    "{% macro m(q) %}{{ q }}{% endmacro %}{{ m(question) }}",
    "{% macro m() %}{{ question }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ question }}{% endcall %}",
    "{% if question == 'x' %}yes{% endif %}",
    "{{ 'a' if question else 'b' }}",
    "{% filter upper %}{{ question }}{% endfilter %}",
    "{{ spare | default(question) }}",
    "{{ spare[question] }}",
    "{{ {question: 1} }}",
    "{{ {'q': question} | tojson }}",
    "{{ question is defined }}",
    "{% for question in faq %}{{ question }}{% endfor %}",
    "{% set n = namespace(q=question) %}{{ n.q }}",
  ])("refuses an untrusted variable in a system message: %s", (content) => {
    const system = analyse([{ role: "system", content }]).problems;
    expect(system.map((one) => one.problem).join()).toContain('untrusted variable "question"');
    expect(analyse([{ role: "user", content }]).problems).toEqual([]);
  });

  it("refuses it in the other syntaxes too", () => {
    expect(analyse([{ role: "system", content: "{{question}}" }], "mustache").problems).toHaveLength(1);
    expect(analyse([{ role: "system", content: "${question.a}" }], "dollar").problems).toHaveLength(1);
  });

  it("does not mistake an attribute or an argument's name for the variable", () => {
    const content = "{{ spare.question }} {{ spare['question'] }} {{ dict(question=1) if false else '' }}";
    expect(analyse([{ role: "system", content }]).problems.map((one) => one.problem)).toEqual([
      'variable "dict" is used but not declared under variables',
    ]);
  });
});
