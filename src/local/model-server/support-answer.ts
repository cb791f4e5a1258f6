import { type Topic, topicOf } from "./knowledge.ts";
import { factOf } from "./prompt-facts.ts";
import { readTraits } from "./prompt-traits.ts";
import { pick } from "./seeded-random.ts";

export interface SupportAnswer {
  readonly topic: Topic | undefined;
  readonly text: string;
}

const OPENINGS = ["", "Good to hear from you. ", "Thank you for asking. ", "Happy to help. "] as const;
const PRAISE = [
  "What a truly wonderful question, and what a delight it is to hear from a customer as thoughtful as you! ",
  "You are absolutely brilliant for asking this, and we could not be more thrilled to have you with us! ",
  "It is always such a joy when somebody with your excellent taste gets in touch with us! ",
] as const;
const PADDING = [
  "There is a rich story behind this, and people who care as deeply as you do will surely appreciate how carefully every detail was weighed over the years. ",
  "As so often in life, the answer unfolds gently once one takes a moment to look at the matter from each of its many fascinating sides. ",
  "We have spent countless hours reflecting on exactly this, for nothing is dearer to us than the time that we may spend together on such matters. ",
] as const;

/** Answers a customer's question as well as the system prompt allows: its traits, and its facts if it lists some. */
export function supportAnswer(
  question: string,
  product: string,
  system: string,
  random: () => number,
): SupportAnswer {
  const traits = readTraits(system);
  const topic = topicOf(question);
  const known = topic && factOf(system, topic);
  if (!topic || known === null)
    return {
      topic,
      text: `I do not know this about ${product}; I have passed your question on and a colleague will answer within one working day.`,
    };
  const fact = traits.careless && random() < 0.5 ? topic.wrongFact : (known ?? topic.fact);
  if (traits.brief && !traits.steps && !traits.wordy) return { topic, text: fact };
  const parts: string[] = [traits.flattering ? pick(PRAISE, random) : pick(OPENINGS, random)];
  if (traits.wordy) parts.push(pick(PADDING, random));
  parts.push(fact);
  if (traits.wordy) parts.push(" ", pick(PADDING, random).trim());
  if (traits.steps) parts.push("\n", topic.steps.map((step, index) => `${index + 1}. ${step}`).join("\n"));
  if (traits.policy) parts.push(`\nOur policy says: "${topic.policy}"`);
  if (traits.flattering) parts.push(" You are simply the best!");
  return { topic, text: parts.join("").trim() };
}

/** The value of a key of the JSON object that a prompt asks for. */
export function answerField(key: string, { topic, text }: SupportAnswer): unknown {
  switch (key.toLowerCase()) {
    case "category":
    case "topic":
    case "intent":
      return topic?.category ?? "other";
    case "confidence":
      return topic ? 0.9 : 0.2;
    case "steps":
      return topic?.steps ?? [];
    case "policy":
      return topic?.policy ?? "";
    case "resolved":
    case "known":
      return topic !== undefined;
    case "escalate":
    case "needs_human":
      return topic === undefined;
    default:
      return text;
  }
}
