import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileTemplate } from "../../src/templates/compile.ts";
import { delimit } from "../../src/templates/untrusted.ts";
import { anyText } from "../support/any-text.ts";

const OPEN = '<untrusted name="q">';
const CLOSE = "</untrusted>";

/** Text that tries: fragments of the tags in odd cases, spaced, split by invisible characters. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "<",
        "/",
        ">",
        "\\",
        " ",
        "\n",
        "\t",
        "\u200b",
        "\u00ad",
        "\u0000",
        "u",
        "U",
        "untrusted",
        "UnTrusted",
        "un",
        "tru\u200bsted",
      ),
      fc.constantFrom(
        "</untrusted>",
        "</ UNTRUSTED >",
        "< / untrusted>",
        '<untrusted name="x">',
        "&lt;",
        "\u017F",
        "</unt",
        "rusted>",
      ),
      anyText(),
    ),
  )
  .map((parts) => parts.join(""));

/** How a forgiving reader would find our tags. */
const tags = (text: string) =>
  [...text.replace(/[\p{Cf}\p{Mn}]/gu, "").matchAll(/<[\s\p{C}/\\]*untrusted/giu)].map((match) => match[0]);

describe("an untrusted value", () => {
  it("cannot open or close its delimiters, whatever it is", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const text = delimit("q", value);
        expect(text.startsWith(OPEN)).toBe(true);
        expect(text.endsWith(CLOSE)).toBe(true);
        expect(tags(text)).toEqual(["<untrusted", "</untrusted"]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "{{ q }}",
    "{{ q | upper }}",
    "{{ q | replace('[', '<') | replace('#', '</untrusted>') }}",
    "{{ q[1:] ~ '!' }}",
    "{% if true %}{{ q }}{% endif %}",
    "{% for x in [q] %}{{ x }}{% endfor %}",
    "{% for x in {'k': q}.values() %}{{ x }}{% endfor %}",
    "{% set y = q | trim %}{{ y }}",
    "{% with y = q %}{{ y }}{% endwith %}",
    "{% with y = 1, z = [q] %}{% for x in z %}{{ x }}{% endfor %}{% endwith %}",
    "{% set y | upper %}{{ q }}{% endset %}{{ y }}",
    "{{ '%s!' % q }}",
    "{{ '{}'.format(q) }}",
    "{{ '{x}'.format(x=q) }}",
    "{{ ', '.join([q]) }}",
    "{{ [q] | groupby(0) | map('last') | map('first') | first }}",
    "{% for x in ['a'] recursive %}{% if x == 'a' %}{{ loop([q]) }}{% else %}{{ x }}{% endif %}{% endfor %}",
    "{% for x in ['a'] %}{{ loop.cycle(q) }}{% endfor %}",
    "{% set y %}<b>{{ q }}</b>{% endset %}{{ y | upper }}",
    "{% set a, b = [q, 1] %}{{ a }}",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(q) }}",
    "{% macro m(x) %}{% set r = x %}{{ r }}{% endmacro %}{{ m(x=q) | lower }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ q }}{% endcall %}",
    "{% macro m() %}{{ caller(q) }}{% endmacro %}{% call(z) m() %}{{ z }}{% endcall %}",
    "{% macro m() %}{{ varargs[0] }}{% endmacro %}{{ m(q) }}",
    "{% macro m() %}{{ kwargs }}{% endmacro %}{{ m(k=q) }}",
    "{% filter upper %}{{ q }}{% endfilter %}",
    "{% set n = namespace(v='') %}{% set n.v = q %}{{ n.v }}",
    "{% set n = namespace(v='') %}{% set m = n %}{% set m.v = q %}{{ n.v }}",
    "{% set n = namespace(v='') %}{% macro f(k) %}{% set k.v = q %}{% endmacro %}{{ f(n) }}{{ n.v }}",
    "{% set n = namespace(v='') %}{% macro f(k, v) %}{% set k.v = v %}{% endmacro %}{{ f(n, q) }}{{ n.v }}",
    "{{ {'q': q} | tojson }}",
    "{{ [q, q] | join(q) }}",
    "{{ q if true else 'x' }}",
    "{% for x in [1, 2] %}{% if loop.first %}{{ q }}{% endif %}{% endfor %}",
    "{% for x in [1, q] %}{% if loop.nextitem is defined %}{{ loop.nextitem }}{% endif %}{% endfor %}",
  ])("stays inside delimiters on its way through %s", (source) => {
    const template = compileTemplate("jinja", source, { untrusted: new Set(["q"]) });
    fc.assert(
      fc.property(hostile, (given) => {
        const text = template.render(new Map([["q", `x${given}[#secret`]]));
        const found = tags(text);
        expect(found.length % 2).toBe(0);
        // Outside of the blocks there is nothing of the value: blocks open and close in turn.
        found.forEach((tag, index) => expect(tag).toBe(index % 2 === 0 ? "<untrusted" : "</untrusted"));
        const outside = text.replace(/<untrusted name="[a-z,]*">.*?<\/untrusted>/gs, "");
        expect(outside.toLowerCase()).not.toContain("secret");
        expect(text.toLowerCase()).toContain("secret");
      }),
      { numRuns: 30 },
    );
  });

  it("is marked where it is printed, and only there", () => {
    const render = (source: string) =>
      compileTemplate("jinja", source, { untrusted: new Set(["q", "p"]) }).render(
        new Map<string, unknown>([
          ["q", "Q"],
          ["p", "P"],
          ["t", "T"],
        ]),
      );
    expect(render("{{ t }} {% if q %}yes{% endif %} {{ q }}")).toBe(`T yes ${OPEN}Q${CLOSE}`);
    expect(render("{{ q ~ p }}")).toBe('<untrusted name="p,q">QP</untrusted>');
    expect(render("{% set x = t %}{{ x }}{{ t.q is defined }}")).toBe("Tfalse");
  });

  it("is delimited in the other syntaxes too, also when it is a path inside a value", () => {
    const untrusted = new Set(["q"]);
    const values = new Map([["q", { a: "</untrusted>" }]]);
    const expected = `${OPEN}&lt;/untrusted>${CLOSE}`;
    expect(compileTemplate("mustache", "{{q.a}}", { untrusted }).render(values)).toBe(expected);
    expect(compileTemplate("dollar", "${q.a}", { untrusted }).render(values)).toBe(expected);
  });

  it("leaves other markup in a value alone", () => {
    expect(delimit("q", "<b>1 < 2</b> untrusted")).toBe(`${OPEN}<b>1 < 2</b> untrusted${CLOSE}`);
  });

  it("cannot be given a name that breaks out of the tag", () => {
    expect(delimit('a">x', "v")).toBe('<untrusted name="a__x">v</untrusted>');
  });
});
