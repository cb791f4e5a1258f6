import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SYNTAXES, type TemplateSyntax } from "../../src/domain/prompt/artifact.ts";
import { compileTemplate } from "../../src/templates/compile.ts";
import { anyText } from "../support/any-text.ts";

const render = (
  syntax: TemplateSyntax,
  source: string,
  values: Record<string, unknown> = {},
  warnings?: string[],
) => compileTemplate(syntax, source).render(new Map(Object.entries(values)), warnings);

describe("jinja", () => {
  it.each([
    ["Hello {{ name }}!", { name: "Ann" }, "Hello Ann!"],
    ["{% if tier == 'pro' %}P{% elif tier == 'x' %}X{% else %}F{% endif %}", { tier: "pro" }, "P"],
    ["{% if a and not b or c in [1, 2] %}yes{% endif %}", { a: true, b: false, c: 3 }, "yes"],
    [
      "{% for i in items %}{{ loop.index }}.{{ i.name | upper }} {% endfor %}",
      { items: [{ name: "a" }, { name: "b" }] },
      "1.A 2.B ",
    ],
    ["{% for i in items if i > 1 %}{{ i }}{% else %}none{% endfor %}", { items: [1, 2, 3] }, "23"],
    ["{% for k, v in o.items() %}{{ k }}={{ v }};{% endfor %}", { o: { a: 1, b: 2 } }, "a=1;b=2;"],
    ["{% set x = 'a' %}{{ x ~ 1 }}", {}, "a1"],
    [
      "{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
      {},
      "6",
    ],
    [
      "{% macro greet(who, mark='!') %}Hi {{ who }}{{ mark }}{% endmacro %}{{ greet('Bo') }} {{ greet('Al', mark='?') }}",
      {},
      "Hi Bo! Hi Al?",
    ],
    ["{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}in{% endcall %}", {}, "[in]"],
    ["{{ items | map(attribute='a') | join(', ') }}", { items: [{ a: 1 }, { a: 2 }] }, "1, 2"],
    ["{{ x | default('none') }} {{ y is defined }} {{ z | default(x | default('z')) }}", {}, "none false z"],
    ["{{ text | trim | replace('a', 'b') | title }}", { text: " aa c " }, "Bb C"],
    ["{{ {'a': [1, none]} | tojson }}", {}, '{"a": [1, null]}'],
    ["{{ 'a' if n > 1 else 'b' }} {{ n ** 2 }} {{ -n }} {{ n // 2 }}", { n: 3 }, "a 9 -3 1"],
    ["{{ items[0] }}{{ items[-1] }}{{ items[1:] }} {{ 'abc'[1:] }}", { items: [1, 2, 3] }, "13[2, 3] bc"],
    ["{{ '{{ not a tag }}' }}", {}, "{{ not a tag }}"],
    ["{{ 'v=' ~ {'a': 1} }} {{ [{'a': [none]}] | join }}", {}, 'v={"a": 1} {"a": [null]}'],
    ["{{ d.items }} {% for k, v in d.items() %}{{ k }}{% endfor %}", { d: { items: "own" } }, "own items"],
    ["{{ o.a.b | d('x') }} {{ o.c is defined }}", { o: { a: {} } }, "x false"],
    ["a{# comment {{ x }} #}b", {}, "ab"],
  ])("renders %s", (source, values, expected) => {
    expect(render("jinja", source, values)).toBe(expected);
  });

  it("leaves no empty line where a block tag stands alone, and takes what a dash says", () => {
    expect(render("jinja", "a\n  {% if true %}\n  b\n  {% endif %}\nc\n")).toBe("a\n  b\nc\n");
    expect(render("jinja", "a\n{# note #}\nb")).toBe("a\nb");
    expect(render("jinja", "a \n {{- 1 -}} \n b")).toBe("a1b");
    expect(render("jinja", "x {% if true %}y{% endif %} z")).toBe("x y z");
  });

  it.each([
    ["{{ missing }}", '"missing" has no value'],
    ["{% if missing %}{% endif %}", '"missing" has no value'],
    ["{% for x in missing %}{% endfor %}", '"missing" has no value'],
    ["{{ o.nothing }}{% if true %}{% endif %}", '"o.nothing" has no value'],
    ["{{ o['nothing'] }}", '"o["nothing"]" has no value'],
    ["{{ missing | upper }}", '"missing" has no value'],
    ["{{ o.nothing.more is defined }}", '"o.nothing" has no value'],
    ["{{ l[5] }}", '"l[5]" has no value'],
    ["{{ [o] | map(attribute='nothing') | list }}", "an item of a list has no value"],
    ["{{ o.constructor }}", '"o.constructor" has no value'],
    ["{{ o.__proto__ }}", '"o.__proto__" has no value'],
    ["{{ range }}{% if true %}{% endif %}", '"range" is a function'],
    ["{{ 'a'.upper }}", "is a function; call it with ()"],
    ["{{ raise_exception('stop here') }}", "stop here"],
    ["{{ [1] + 'a' > 2 }}", "unknown operator"],
    ["{{ 'a'.upper('x') }}", '".upper()" is given 1 arguments and takes none'],
    ["{{ 'a'.replace('a') }}", '".replace()" is given 1 arguments and takes 2 to 3'],
    ["{{ 'a'.find('a', end=2) }}", '".find()" takes no argument "end"'],
    ["{{ 'a'.center(5, '--') }}", "what a text is filled up with is one character"],
  ])("refuses to render %s", (source, problem) => {
    expect(() => render("jinja", source, { o: {}, l: [1] })).toThrow(problem);
  });

  it.each([
    ["line\n {% if a %}\nx", 2, 2, "{% if %} is never closed; add {% endif %}"],
    ["{% if a %}\n{% endfor %}", 2, 1, "{% endfor %} where {% endif %} is expected"],
    ["a\n\n{% endif %}", 3, 1, "{% endif %} closes nothing"],
    ["a\nb {{ 1 + }}", 2, 3, "unexpected token"],
    ["{{ a }} {{ b c }}", 1, 9, "expected closing expression token"],
    ["ok {{ a", 1, 4, '"{{" is never closed; add "}}"'],
    ["{{ a | uper }}", 1, 1, 'unknown filter "uper"; did you mean "upper"?'],
    ["{{ 1 }}\n{% if a is defnied %}{% endif %}", 2, 1, 'unknown test "defnied"; did you mean "defined"?'],
    ["a\n{% raw %}x", 2, 1, "{% raw %} is never closed; add {% endraw %}"],
    [
      "{% include 'x' %}",
      1,
      1,
      "{% include %} is not supported: a prompt includes another one by its messages",
    ],
    ["{% block x %}{% endblock %}", 1, 1, "{% block %} is not supported"],
    ["{% unless a %}", 1, 1, "unknown statement type: unless"],
    ["{{ a | random }}", 1, 1, 'unknown filter "random"'],
    ["{{ a | map('uper') }}", 1, 1, 'unknown filter "uper"; did you mean "upper"?'],
    ["{{ a | select('od') }}", 1, 1, 'unknown test "od"; did you mean "odd"?'],
    ["{{ a.uper() }}", 1, 1, 'unknown method "uper"; did you mean "upper"?'],
    ["{% set x = a.append(1) %}", 1, 1, '"append" would change a list or an object'],
    ["{{ @ }}", 1, 1, "unexpected character"],
    [`{{ ${"(".repeat(9000)}1${")".repeat(9000)} }}`, 1, 1, "expressions or blocks are nested too deeply"],
    [
      `{% if a %}${"{% elif a %}".repeat(5000)}{% endif %}`,
      1,
      1,
      "expressions or blocks are nested too deeply",
    ],
  ])("says where %# does not compile", (source, line, column, problem) => {
    expect(() => compileTemplate("jinja", source)).toThrow(`line ${line}, column ${column}: ${problem}`);
  });

  it("knows the variables that come from outside", () => {
    const names = (source: string) => [...compileTemplate("jinja", source).names].sort();
    expect(names("{{ a.b[c] }} {{ 'x' | replace(d, 'y') }} {{ e is defined }}")).toEqual([
      "a",
      "c",
      "d",
      "e",
    ]);
    expect(names("{% for x in xs %}{{ x }}{{ loop.index }}{% endfor %}{{ x }}")).toEqual(["x", "xs"]);
    expect(names("{% for x in xs if x.on %}{{ x }}{% endfor %}")).toEqual(["xs"]);
    expect(names("{% set y = z %}{{ y }}{% set a, b = y %}{{ a ~ b }}")).toEqual(["z"]);
    expect(
      names("{% macro m(p, q=r) %}{{ p ~ q ~ s ~ late }}{% endmacro %}{% set late = 1 %}{{ m(p=t) }}"),
    ).toEqual(["r", "s", "t"]);
    expect(names("{% if a and not b or c in d %}{% endif %}{{ true }}{{ none }}")).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("gives the same text whether it takes the quick way or not", () => {
    const value = fc.oneof(
      anyText(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.jsonValue({ depthSize: "small" }),
    );
    fc.assert(
      fc.property(value, fc.string(), (given, text) => {
        const literal = text.replace(/[{}\n]/g, "");
        const plain = JSON.parse(JSON.stringify(given)) as unknown;
        const quick = render("jinja", `${literal}{{ x }}${literal}`, { x: plain });
        const slow = render("jinja", `${literal}{{ x }}{% if true %}{% endif %}${literal}`, { x: plain });
        expect(slow).toBe(quick);
      }),
    );
  });
});

describe("a jinja template that is a bomb", () => {
  const text = "a".repeat(1_000_000);
  const list = Array.from({ length: 20_000 }, (_, i) => i);
  const object = Object.fromEntries(list.map((i) => [`k${i}`, i]));
  it.each([
    [
      "nested loops",
      "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}",
    ],
    ["empty loops over a long list", "{% for a in range(9000) %}{% for b in list %}{% endfor %}{% endfor %}"],
    ["a huge range", "{{ range(1000000000) }}"],
    ["a range of fractions", "{{ range(0, 1, 0.0000001) }}"],
    ["doubling a text", `{% set x = 'ab' %}${"{% set x = x ~ x %}".repeat(40)}{{ x }}`],
    [
      "doubling a block",
      `{% set x %}ab{% endset %}${"{% set x %}{{ x }}{{ x }}{% endset %}".repeat(40)}{{ x }}`,
    ],
    ["doubling a list", `{% set x = ['a'] %}${"{% set x = [x, x] %}".repeat(60)}{{ x }}`],
    [
      "doubling by namespaces",
      `{% set a = namespace(v=1) %}${"{% set b = namespace(v=[a, a]) %}{% set a = b %}".repeat(40)}{{ a }}`,
    ],
    ["a namespace inside itself", "{% set n = namespace(a=1) %}{% set n.a = n %}{{ n }}"],
    ["replacing by something long", "{{ text | replace('a', text) }}"],
    ["replacing nothing by something long", "{{ text.replace('', text) }}"],
    ["joining with something long", "{{ text | join(text) }}"],
    ["splitting a long text", "{{ text.split('a') | length }}"],
    ["indenting far", "{{ 'a\\nb' | indent(1000000000) }}"],
    ["JSON indented far", "{{ [1] | tojson(indent=1000000000) }}"],
    ["JSON with long separators", "{{ list | tojson(separators=(text, text)) }}"],
    ["a macro that calls itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"],
    [
      "a macro that calls itself twice",
      "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(50) }}",
    ],
    ["a long attribute path", "{{ objects | map(attribute=dots) | length }}"],
    ["printing a long list often", "{% for i in range(9000) %}{{ list }}{% endfor %}"],
    ["sorting a long list often", "{% for i in range(9000) %}{% set x = list | sort %}{% endfor %}"],
    ["listing a large object often", "{% for i in range(9000) %}{% set x = object.items() %}{% endfor %}"],
    ["slicing a long text often", "{% for i in range(9000) %}{% set x = text[::2] %}{% endfor %}"],
    ["a long output", "{% for i in range(9000) %}{{ text }}{% endfor %}"],
  ])("is stopped: %s", (_, source) => {
    const values = { text, list, object, objects: list.map(() => ({})), dots: "a.".repeat(2_000) };
    expect(() => render("jinja", source, values)).toThrow(
      /steps to render|grows past|numbers is too long|whole numbers|calls itself|64 at most|namespace cannot/,
    );
  });

  it("does not spend a budget on long values that are only put in", () => {
    const source = "{% if long %}{{ long }}{% endif %}{% for x in list %}{{ x }}{% endfor %}";
    expect(render("jinja", source, { long: "b".repeat(2_000_000), list })).toHaveLength(
      2_000_000 + list.join("").length,
    );
  });

  it("compiles long white space and many tags in no time to speak of", () => {
    expect(compileTemplate("jinja", `{% if a %}${" ".repeat(300_000)}{% endif %}`).names).toEqual(["a"]);
    expect(compileTemplate("jinja", "{{ a }} ".repeat(20_000)).names).toEqual(["a"]);
  });
});

describe("mustache", () => {
  it("substitutes names and paths, once", () => {
    expect(render("mustache", "{{a}} {{ b.c }} {{b.l.1}}", { a: "{{b}}", b: { c: 1, l: [1, 2] } })).toBe(
      "{{b}} 1 2",
    );
  });

  it.each([
    "{{#a}}x{{/a}}",
    "{{^a}}",
    "{{> a}}",
    "{{! a}}",
    "{{&a}}",
    "{{{a}}}",
    "{{=<% %>=}}",
    "{{a b}}",
    "{{ a | upper }}",
    "{{}}",
    "{{a",
  ])("refuses %s", (source) => {
    expect(() => compileTemplate("mustache", `x\n${source}`)).toThrow(/^line 2, column 1: /);
  });

  it("refuses a missing value by name", () => {
    expect(() => render("mustache", "{{a}}")).toThrow('"a" has no value');
    expect(() => render("mustache", "{{a.toString}}", { a: {} })).toThrow('"a.toString" has no value');
  });

  it("executes nothing that a value or the text could contain", () => {
    fc.assert(
      fc.property(anyText(), anyText(), (value, text) => {
        const literal = text.replaceAll("{{", "");
        const rendered = render("mustache", `${literal} {{x}}`, { x: `{{y}}${value}{% if %}` });
        expect(rendered).toBe(`${literal} {{y}}${value.toWellFormed()}{% if %}`);
      }),
    );
  });
});

describe("dollar", () => {
  it("follows dots, and writes $${ as ${", () => {
    expect(render("dollar", "${a.b.c} $${a} $5 {a}", { a: { b: { c: "x" } } })).toBe("x ${a} $5 {a}");
  });

  it("renders what is missing empty, with a warning", () => {
    const warnings: string[] = [];
    expect(render("dollar", "[${a.b}] [${c}]", { a: { x: 1 } }, warnings)).toBe("[] []");
    expect(warnings).toEqual([
      '"a.b" has no value and was rendered empty',
      '"c" has no value and was rendered empty',
    ]);
  });

  it.each(["${a[0]}", "${a + b}", "${}", "${a..b}", "${a", "${fn()}"])("refuses %s", (source) => {
    expect(() => compileTemplate("dollar", `x\n${source}`)).toThrow(/^line 2, column 1: /);
  });
});

describe("langfuse", () => {
  it("substitutes names, once", () => {
    expect(render("langfuse", "{{a}} {{ b }}{{\tb\n}}", { a: "{{b}}", b: 1 })).toBe("{{b}} 11");
    expect(() => render("langfuse", "{{a}}")).toThrow('"a" has no value');
  });

  it.each([
    '{{"a":1}}',
    "{{user-name}}",
    "{{#s}}x{{/s}}",
    "{{ a.b }}",
    "{{ a | upper }}",
    "{% if a %}x{% endif %}",
    "{{}}",
    "{{ 1a }}",
    "{{a",
    "a}}",
    `{{${"a".repeat(65)}}}`,
  ])("leaves %s as it is", (source) => {
    const template = compileTemplate("langfuse", source);
    expect(template.names).toEqual([]);
    expect(template.render(new Map([["a", "A"]]))).toBe(source);
  });

  it("finds a name among braces", () => {
    expect(render("langfuse", "{{{a}}} {{{{ a }}}}", { a: "A" })).toBe("{A} {{A}}");
  });
});

describe("any syntax", () => {
  it("renders every string there is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SYNTAXES), anyText(), (syntax, value) => {
        const source = syntax === "dollar" ? "a${x}b" : "a{{x}}b";
        const rendered = render(syntax, source, { x: value });
        expect(rendered).toBe(`a${value.toWellFormed()}b`);
        expect(rendered.isWellFormed()).toBe(true);
      }),
    );
  });

  it("compiles or refuses every text, and nothing else", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "{%",
      "%}",
      "{#",
      "#}",
      "${",
      "}",
      " if ",
      "for x in y",
      "endif",
      "set a=",
      "'",
      '"',
      "x",
      "|",
      "(",
      ")",
      "[",
      "-",
      "\n",
      "\\",
      "and",
    );
    fc.assert(
      fc.property(
        fc.constantFrom("jinja", "mustache", "dollar"),
        fc.array(piece).map((all) => all.join("")),
        (syntax, source) => {
          try {
            compileTemplate(syntax, source);
          } catch (error) {
            expect(error).toMatchObject({ name: "SluiceError", code: "invalid_input" });
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
