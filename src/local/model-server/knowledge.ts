/** What the support assistant knows about one kind of question. */
export interface Topic {
  readonly id: string;
  /** Counted in the question; the topic with most of them answers. */
  readonly words: RegExp;
  /** A question as a customer would put it. */
  readonly question: string;
  readonly category: "billing" | "account" | "shipping" | "product";
  /** The whole answer in one sentence: what a dataset may look for is in here. */
  readonly fact: string;
  /** The same with the wrong number or name in it: what a careless prompt gets. */
  readonly wrongFact: string;
  readonly steps: readonly [string, string, ...string[]];
  readonly policy: string;
}

export const TOPICS: readonly Topic[] = [
  {
    id: "refund",
    words: /\b(refund|money back|return(ing|ed)?|send (it )?back)\b/gi,
    question: "I bought the wrong plan last week. Can I get a refund?",
    category: "billing",
    fact: "You can get a full refund within 30 days of the purchase.",
    wrongFact: "You can get a full refund within 90 days of the purchase.",
    steps: [
      "Open Billing, then Orders.",
      "Choose the order and press Request refund.",
      "The money is back on your card in 5 working days.",
    ],
    policy: "Purchases are refunded in full within 30 days.",
  },
  {
    id: "password",
    words: /\b(password|log ?in|sign ?in|locked out|forgot)\b/gi,
    question: "I forgot my password and cannot log in. What do I do?",
    category: "account",
    fact: "You can set a new password with the reset link, which is valid for 24 hours.",
    wrongFact: "You can set a new password with the reset link, which is valid for 7 days.",
    steps: [
      "On the sign-in page press Forgot password.",
      "Open the reset link in the mail within 24 hours.",
      "Choose a new password and sign in.",
    ],
    policy: "A reset link is valid for 24 hours and works once.",
  },
  {
    id: "shipping",
    words: /\b(shipping|ship|deliver(y|ed)?|arrive|parcel|package)\b/gi,
    question: "How long does delivery take?",
    category: "shipping",
    fact: "Standard delivery takes 3 to 5 working days.",
    wrongFact: "Standard delivery takes 1 to 2 working days.",
    steps: [
      "Open Orders and choose yours.",
      "Press Track parcel to see where it is.",
      "Write to us if it has not come after 5 working days.",
    ],
    policy: "Orders leave the warehouse within one day and take 3 to 5 working days.",
  },
  {
    id: "invoice",
    words: /\b(invoices?|receipts?|vat|tax)\b/gi,
    question: "Where do I find the invoice for March?",
    category: "billing",
    fact: "Every invoice is under Billing, Documents, as a PDF.",
    wrongFact: "Every invoice is sent by post at the end of the year.",
    steps: ["Open Billing, then Documents.", "Choose the month.", "Press Download PDF."],
    policy: "Invoices are kept for 10 years and can be downloaded at any time.",
  },
  {
    id: "cancel",
    words: /\b(cancel|stop (my )?subscription|unsubscribe|end (my )?plan)\b/gi,
    question: "How do I cancel my subscription?",
    category: "billing",
    fact: "You can cancel at any time, and the plan stays active until the end of the paid month.",
    wrongFact: "You can cancel once a year, in January.",
    steps: [
      "Open Billing, then Plan.",
      "Press Cancel plan.",
      "Confirm; you will get a mail that it is done.",
    ],
    policy: "A cancelled plan stays active until the end of the paid month.",
  },
  {
    id: "upgrade",
    words: /\b(upgrade|bigger plan|pro plan|switch plans?|change (my )?plan)\b/gi,
    question: "What happens to what I paid if I upgrade to Pro in the middle of the month?",
    category: "billing",
    fact: "When you upgrade, what is left of the old plan is credited on a daily basis.",
    wrongFact: "When you upgrade, what you paid for the old plan is lost.",
    steps: ["Open Billing, then Plan.", "Choose Pro; the credit is shown.", "Press Upgrade now."],
    policy: "Upgrades take effect at once and unused days are credited.",
  },
  {
    id: "export",
    words: /\b(export|download (all )?my data|backup|csv)\b/gi,
    question: "Can I export all my data as CSV?",
    category: "product",
    fact: "You can export everything as CSV, and the file is ready within 15 minutes.",
    wrongFact: "You can export everything as CSV once support approves it.",
    steps: [
      "Open Settings, then Data.",
      "Press Export and choose CSV.",
      "Take the file from the mail we send, within 15 minutes.",
    ],
    policy: "Your data is yours and can be exported at any time.",
  },
  {
    id: "delete",
    words: /\b(delete|erase|remove) (my )?(account|data|profile)\b|\bgdpr\b/gi,
    question: "Please delete my account. How long until everything is gone?",
    category: "account",
    fact: "A deleted account can be restored for 14 days, then everything is erased.",
    wrongFact: "A deleted account can be restored for one year.",
    steps: [
      "Open Settings, then Account.",
      "Press Delete account and type your mail address.",
      "Sign in within 14 days if you change your mind.",
    ],
    policy: "Deleted accounts are erased after 14 days.",
  },
  {
    id: "two-factor",
    words: /\b(two.?factor|2fa|authenticator|second factor|backup codes?|new phone)\b/gi,
    question: "I have a new phone and my authenticator codes are gone. How do I get in?",
    category: "account",
    fact: "You can sign in with one of your 8 backup codes and set up the new phone.",
    wrongFact: "You can sign in by telling us your password on the phone.",
    steps: [
      "Press Use a backup code when you are asked for one.",
      "Type one of the 8 backup codes.",
      "Open Settings, Security, and add the new phone.",
    ],
    policy: "Support never switches off a second factor for anybody.",
  },
  {
    id: "outage",
    words: /\b(down|outage|offline|not working|unreachable|status)\b/gi,
    question: "Nothing loads since this morning. Is the service down?",
    category: "product",
    fact: "You can see every incident on the status page, which is updated every 10 minutes.",
    wrongFact: "You can see every incident in the monthly newsletter.",
    steps: [
      "Open the status page.",
      "If it is green, reload without extensions.",
      "Send us the time and the page if it still fails.",
    ],
    policy: "Incidents are reported on the status page and updated every 10 minutes.",
  },
  {
    id: "limit",
    words: /\b(limit|quota|rate limit|too many requests|storage|how many)\b/gi,
    question: "How many projects can I have on the free plan? I hit a limit.",
    category: "product",
    fact: "The free plan has 3 projects, and Pro has no limit.",
    wrongFact: "The free plan has 50 projects, and Pro has no limit.",
    steps: [
      "Open Projects and archive what you do not need.",
      "Or open Billing, then Plan, and choose Pro.",
      "The new limit counts at once.",
    ],
    policy: "The free plan includes 3 projects.",
  },
  {
    id: "invite",
    words: /\b(invite|team ?mates?|colleagues?|add (a )?(user|member)|seats?)\b/gi,
    question: "How do I invite a colleague to my team?",
    category: "account",
    fact: "You can invite colleagues by mail, and an invitation is valid for 7 days.",
    wrongFact: "You can invite colleagues by post, and an invitation is valid for one year.",
    steps: [
      "Open Team and press Invite.",
      "Type the mail address and choose a role.",
      "Your colleague opens the link within 7 days.",
    ],
    policy: "An invitation is valid for 7 days.",
  },
];

/** The topic that a question is about, or undefined when it is about none of them. */
export function topicOf(question: string): Topic | undefined {
  let best: Topic | undefined;
  let most = 0;
  for (const topic of TOPICS) {
    const count = question.match(topic.words)?.length ?? 0;
    if (count > most) [best, most] = [topic, count];
  }
  return best;
}
