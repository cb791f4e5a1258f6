import { invalidInput } from "../../domain/errors.ts";
import type { SourceDocument } from "../../domain/prompt/source-document.ts";
import { shown } from "../../domain/text/visible.ts";
import { notCalled } from "../grading/assertions/model-target.ts";

type Fields = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** What stands somewhere in a configuration and cannot be run, and what to do instead. */
interface Refusal {
  readonly path: Path;
  readonly problem: string;
}

/**
 * Refuses what no detail of a configuration could mend, by its name and before any detail is looked at: a
 * configuration of another vendor is not told about that vendor's parameters. The first of these that matters:
 * red-team generation, models that are not called, prompts from elsewhere, code around the tests, tests that code or
 * a download makes, Python.
 *
 * @param configured providers that a file names, beside those that are built in
 * @param areTestsMade the scripts of `tests` are run before it is read
 */
export function refuseWhatIsNotRun(
  document: SourceDocument,
  configured: readonly string[] = [],
  areTestsMade = false,
): void {
  const config = fieldsOf(document.value);
  for (const find of FINDERS) {
    const [first] = find(config, configured, areTestsMade);
    if (!first) continue;
    const where = document.locate(first.path, "key");
    throw invalidInput(`${where}: ${first.problem}`, { file: document.name, path: first.path });
  }
}

const FINDERS: readonly ((
  config: Fields,
  configured: readonly string[],
  areTestsMade: boolean,
) => Refusal[])[] = [generation, redteamGraders, providers, prompts, hooks, testSources, python];

function generation(config: Fields): Refusal[] {
  if (config["redteam"] === undefined || config["tests"] !== undefined) return [];
  return [
    {
      path: ["redteam"],
      problem:
        "red-team generation is not run: let promptfoo generate the tests, and give the file that it writes",
    },
  ];
}

function redteamGraders(config: Fields): Refusal[] {
  return assertionsOf(config).flatMap(({ path, type }) =>
    type.replace(/^not-/, "").startsWith("promptfoo:redteam:")
      ? [
          {
            path: [...path, "type"],
            problem: `${shown(type)} is judged by promptfoo's own red-team graders, which are not run; write what must hold as llm-rubric`,
          },
        ]
      : [],
  );
}

function providers(config: Fields, configured: readonly string[]): Refusal[] {
  const key = config["providers"] === undefined ? "targets" : "providers";
  const listed = listAt(config[key], [key]).map(({ value, path }) => ({ id: providerName(value), path }));
  const own = testsOf(config).flatMap(({ value, path }) => {
    const { provider } = fieldsOf(value);
    return provider === undefined ? [] : [{ id: providerName(provider), path: [...path, "provider"] }];
  });
  return [...listed, ...own].flatMap(({ id, path }) => {
    const problem = id === undefined ? undefined : notCalled(id, configured);
    return problem === undefined ? [] : [{ path, problem }];
  });
}

const ELSEWHERE = /^(portkey|langfuse|helicone|opik|humanloop):\/\//;

function prompts(config: Fields): Refusal[] {
  return listAt(config["prompts"], ["prompts"]).flatMap(({ value, path }) => {
    const { raw, id, file } = fieldsOf(value);
    const text = [value, raw, file, id].find((one) => typeof one === "string") ?? "";
    const service = ELSEWHERE.exec(text)?.[1];
    if (service !== undefined)
      return [
        {
          path,
          problem: `the prompt is kept at ${service}, which is not asked; write its text, or a file of it`,
        },
      ];
    const isExecutable = text.startsWith("exec:");
    return isExecutable || isCode(text)
      ? [{ path, problem: `${shown(text)}: prompts made by code are not run; give their text` }]
      : [];
  });
}

function hooks(config: Fields): Refusal[] {
  const given = (key: string, problem: string): Refusal[] => {
    const value = config[key];
    const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    return isEmpty ? [] : [{ path: [key], problem }];
  };
  return [
    ...given(
      "extensions",
      "extensions are code that promptfoo runs around the tests, which is not run here; leave them out, or set up what they do beforehand",
    ),
  ];
}

function testSources(config: Fields, _: readonly string[], areTestsMade: boolean): Refusal[] {
  const made = (value: unknown, path: Path): Refusal[] => {
    const { path: source } = fieldsOf(value);
    const text = typeof value === "string" ? value : typeof source === "string" ? source : undefined;
    if (text === undefined) return [];
    const file = text.replace(/^file:\/\//, "");
    if (/^https?:\/\/|^huggingface:\/\//.test(file))
      return [
        {
          path,
          problem: `${shown(text)}: tests are not downloaded; save them as a file (YAML, JSON, JSON Lines or CSV) and name that`,
        },
      ];
    const isMade = areTestsMade && /\.[cm]?[jt]s(?::\w+)?$/.test(file);
    return isCode(file) && !isMade
      ? [
          {
            path,
            problem: `${shown(text)}: tests made by code are not run; let it write them into a file (YAML, JSON, JSON Lines or CSV), and name that`,
          },
        ]
      : [];
  };
  const { tests } = config;
  if (!Array.isArray(tests)) return made(tests, ["tests"]);
  return tests.flatMap((one: unknown, index) => made(one, ["tests", index]));
}

/** A language whose code only its own interpreter runs. */
const INTERPRETED: Readonly<Record<string, string>> = { python: "Python", ruby: "Ruby" };

function python(config: Fields): Refusal[] {
  const typed = assertionsOf(config).flatMap(({ path, type, value }): Refusal[] => {
    const language = INTERPRETED[type.replace(/^not-/, "")];
    const file = typeof value === "string" ? /^file:\/\/.*\.(py|rb)(?::\w+)?$/.exec(value)?.[1] : undefined;
    const name = language ?? (file === "py" ? "Python" : file === "rb" ? "Ruby" : undefined);
    if (name === undefined) return [];
    const at = language === undefined ? "value" : "type";
    return [
      {
        path: [...path, at],
        problem: `${name} is not run (a script would have the run of your machine); write the check as javascript`,
      },
    ];
  });
  const scored = testsOf(config).flatMap(({ value, path }): Refusal[] => {
    const { assertScoringFunction } = fieldsOf(value);
    return assertScoringFunction === undefined
      ? []
      : [
          {
            path: [...path, "assertScoringFunction"],
            problem: "scores made by code are not run; give the assertions weights, and the case a threshold",
          },
        ];
  });
  return [...typed, ...scored];
}

function isCode(name: string): boolean {
  return /\.(?:[cm]?[jt]sx?|py|rb|go|sh)(?::[\w.]+)?$/i.test(name) && !/\s/.test(name);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listAt(value: unknown, path: Path): { readonly value: unknown; readonly path: Path }[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value)
    ? value.map((item: unknown, index) => ({ value: item, path: [...path, index] }))
    : [{ value, path }];
}

function providerName(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const { id } = fieldsOf(value);
  if (typeof id === "string") return id;
  const [only, ...others] = Object.keys(fieldsOf(value));
  return only !== undefined && others.length === 0 && only.includes(":") ? only : undefined;
}

/** Tests in place, and what they share. */
function testsOf(config: Fields): { readonly value: unknown; readonly path: Path }[] {
  return [
    ...listAt(config["defaultTest"], ["defaultTest"]),
    ...(Array.isArray(config["tests"]) ? listAt(config["tests"], ["tests"]) : []),
  ];
}

function assertionsOf(
  config: Fields,
): { readonly type: string; readonly value: unknown; readonly path: Path }[] {
  const inList = (list: unknown, path: Path): ReturnType<typeof assertionsOf> =>
    listAt(Array.isArray(list) ? list : [], path).flatMap(({ value: one, path: at }) => {
      const { type, value, assert } = fieldsOf(one);
      return typeof type === "string"
        ? [{ type, value, path: at }, ...inList(assert, [...at, "assert"])]
        : [];
    });
  return testsOf(config).flatMap(({ value, path }) => inList(fieldsOf(value)["assert"], [...path, "assert"]));
}
