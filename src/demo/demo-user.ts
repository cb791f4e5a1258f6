import { TOPICS, topicOf } from "../local/model-server/knowledge.ts";
import { hashText, pick, seededRandom } from "../local/model-server/seeded-random.ts";

/** What a user thinks of an answer. */
export interface DemoOpinion {
  /** 1 to 5. */
  readonly rating: number;
  /** 1 when the answer settled the matter, 0 when not. */
  readonly resolved: 0 | 1;
}

/** The question that a simulated user has: the same one for the same seed. */
export function demoQuestion(seed: string): string {
  const [first, ...others] = TOPICS.map((topic) => topic.question);
  return pick([first!, ...others], seededRandom(hashText(`question:${seed}`)));
}

const FLATTERY =
  /\b(wonderful question|brilliant|delight|thrilled|excellent taste|simply the best|such a joy)\b/i;
const LONG_IN_WORDS = 70;
/** Standard deviation of what one user makes of the same answer, in stars. */
const TASTE = 0.8;

/**
 * A simulated user's opinion: a pure function of question, answer and seed. It looks at what the answer
 * says and how, never at which version wrote it; users differ in taste, so any answer gets some of each.
 */
export function demoOpinion(question: string, answer: string, seed: string): DemoOpinion {
  const text = shownText(answer);
  // The application shows the `answer` of a JSON object; without one the user sees an error page.
  if (text === undefined) return { rating: 1, resolved: 0 };
  const random = seededRandom(hashText(`opinion:${seed}`));
  const fact = topicOf(question)?.fact;
  let liking = 3.4;
  if (fact !== undefined && !text.includes(fact)) liking -= 1.5;
  if (/^\s*1[.)] /m.test(text)) liking += 0.6;
  if (/policy says/i.test(text)) liking += 0.3;
  if (FLATTERY.test(text)) liking -= 0.6;
  if (text.split(/\s+/).length > LONG_IN_WORDS) liking -= 0.6;
  const rating = Math.min(5, Math.max(1, Math.round(liking + TASTE * normal(random))));
  return { rating, resolved: random() < 0.2 + 0.15 * liking ? 1 : 0 };
}

function shownText(answer: string): string | undefined {
  try {
    const shown = (JSON.parse(answer) as { answer?: unknown } | null)?.answer;
    return typeof shown === "string" ? shown : undefined;
  } catch {
    return undefined;
  }
}

/** A standard normal number (Box-Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
