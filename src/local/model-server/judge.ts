/** A rubric question, as the scripted judge reads it. */
export interface RubricTask {
  readonly rubric: string;
  readonly output: string;
}

export interface RubricVerdict {
  readonly reason: string;
  readonly score: number;
  readonly pass: boolean;
}

const FLATTERY =
  /\b(wonderful question|brilliant|delight|thrilled|excellent taste|simply the best|such a joy)\b/i;
const STOP_WORDS = new Set(
  "not never without avoids free the and that this with from have which answer says said must should output response customer text for are was its their they them about into than then when what whether does your you".split(
    " ",
  ),
);

/** Whether a request is one to a judge: it says so, and what it wants back has a verdict in it. */
export function readRubricTask(system: string, user: string, wantsVerdict: boolean): RubricTask | undefined {
  const text = `${system}\n${user}`;
  if (!/\b(judge|grad(e|er|ing)|evaluat(e|or|ing)|rubric|criteri(a|on))\b/i.test(text)) return undefined;
  if (!wantsVerdict && !/"?\b(pass|score)\b"?/i.test(text)) return undefined;
  const output =
    tagged(user, "untrusted|output|answer|response|submission") ?? after(user, "output|answer|response");
  const withoutOutput = output === undefined ? user : user.replace(output, "");
  const rubric = tagged(user, "rubric|criteria") ?? after(withoutOutput, "rubric|criteria") ?? withoutOutput;
  return { rubric: rubric.trim(), output: (output ?? "").trim() };
}

function tagged(text: string, names: string): string | undefined {
  return new RegExp(`<(${names})(?:\\s[^>]*)?>([\\s\\S]*?)</\\1>`, "i").exec(text)?.[2];
}

/** What stands after a heading such as `The rubric:`, up to the next heading or a tag. */
function after(text: string, names: string): string | undefined {
  const found = new RegExp(
    `(?:^|\\n)[^\\n:]*\\b(?:${names})\\b[^\\n:]*:\\s*([\\s\\S]*?)(?=\\n\\s*\\n|<|$)`,
    "i",
  ).exec(text);
  return found?.[1];
}

/** Grades by what the rubric's words ask for; the share of the checks that hold is the score. */
export function gradeByRubric(task: RubricTask): RubricVerdict {
  const checks = allChecks(task);
  const failed = checks.filter((check) => !check.holds);
  if (failed.length === 0)
    return { reason: "Everything that the rubric asks for is there.", score: 1, pass: true };
  // A verdict must not contradict itself: one that does not pass scores below a half.
  return {
    reason: `Not met: ${failed.map((check) => check.what).join("; ")}.`,
    score: Math.min(share(checks), 0.49),
    pass: false,
  };
}

/** The share of what the rubric asks for that is there, 0 to 1. */
export function shareMet(task: RubricTask): number {
  return share(allChecks(task));
}

function share(checks: readonly Check[]): number {
  return checks.length === 0 ? 1 : checks.filter((check) => check.holds).length / checks.length;
}

function allChecks({ rubric, output }: RubricTask): Check[] {
  const checks = rubric
    .split(
      /(?<=[.;!])\s+|\n+|,?\s+and\s+(?=(?:do(?:es)? not|is|has|names?|gives?|quotes?|contains?|mentions?|says?|never|no)\b)/i,
    )
    .map((sentence) => sentence.replace(/\b(does|do|did)(n't| not) know\b/i, "is unsure").trim())
    .filter((sentence) => /\w/.test(sentence))
    .flatMap((sentence) => checksOf(sentence, output));
  if (output === "") checks.unshift({ what: "there is an answer", holds: false });
  return checks;
}

interface Check {
  readonly what: string;
  readonly holds: boolean;
}

function checksOf(sentence: string, output: string): Check[] {
  const negated = /\b(not|no|never|without|avoids?|free of)\b/i.test(sentence);
  const check = (what: string, holds: boolean): Check => ({
    what: negated ? `no ${what}` : what,
    holds: holds !== negated,
  });
  const found: Check[] = [...sentence.matchAll(/["“]([^"”]+)["”]/g)].map(([, words]) =>
    check(`"${words}"`, output.toLowerCase().includes(words!.toLowerCase())),
  );
  const asks: [RegExp, string, () => boolean][] = [
    [/\bflatter|\bcompliment|\bprais/i, "flattery", () => FLATTERY.test(output)],
    [/\bsteps?\b|\bnumbered\b/i, "numbered steps", () => /(^|\n|\\n)\s*1[.)]\s/.test(output)],
    [/\bpolic(y|ies)\b/i, "a quoted policy", () => /\bpolicy\b/i.test(output)],
    [/\b(concise|brief|short)\b/i, "at most 60 words", () => output.split(/\s+/).length <= 60],
    [/\bjson\b/i, "JSON", () => isJson(output)],
    [
      /\b(polite|friendly|courteous|respectful)\b/i,
      "a friendly tone",
      () => !/\b(stupid|idiot|shut up|nonsense)\b/i.test(output),
    ],
    [/\b(insult|rude)/i, "rudeness", () => /\b(stupid|idiot|shut up|nonsense)\b/i.test(output)],
    [
      /\b(answers? the question|helpful|relevant|on topic)\b/i,
      "an answer to the question",
      () => output !== "" && !/\bI do not know\b/i.test(output),
    ],
    [
      /\b(admits?|does not know|unsure|unknown)\b/i,
      "an admission of not knowing",
      () => /\bI do not know\b/i.test(output),
    ],
  ];
  for (const [words, what, holds] of asks) if (words.test(sentence)) found.push(check(what, holds()));
  if (found.length > 0) return found;
  const words = [...new Set(sentence.toLowerCase().match(/[a-z0-9]{3,}/g) ?? [])].filter(
    (word) => !STOP_WORDS.has(word),
  );
  if (words.length === 0) return [];
  const said = output.toLowerCase();
  const share = words.filter((word) => said.includes(word.replace(/(ing|ed|s)$/, ""))).length / words.length;
  // Something is only there that must not be when all of its words are.
  return [check(`"${sentence.slice(0, 80)}"`, share >= (negated ? 1 : 0.3))];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
