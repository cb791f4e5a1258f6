/**
 * Signs that a value tries to instruct the model. They are hints for a log or a door, not a defence: what
 * protects a prompt is that untrusted values are delimited and never stand in a system message.
 */
const SIGNS: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    "asks to ignore earlier instructions",
    /\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|rules?|guidelines|directions|everything)\b/iu,
  ],
  [
    "gives itself another role",
    /\byou are (?:now|no longer)\b|\bfrom now on,? you\b|\b(?:pretend|act) (?:to be|as if you|as though you)\b|\bdeveloper mode\b|\bjailbr(?:eak|oken)\b/iu,
  ],
  [
    "asks for the instructions themselves",
    /\b(?:reveal|show|print|repeat|output|tell me|leak)\b[^.!?\n]{0,40}\b(?:system|initial|hidden|original|above)\b[^.!?\n]{0,20}\b(?:prompt|instructions?|message|rules?|text)\b/iu,
  ],
  [
    "forges a message of another role",
    /^[ \t]*(?:#{1,4} *)?\[?(?:system|assistant|developer)(?: (?:message|prompt))?\]?[ \t]*:/imu,
  ],
  [
    "contains a model's control tokens",
    /<\|[a-z_]{2,30}\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|assistant|instructions?)>|<(?:start|end)_of_turn>/iu,
  ],
  ["tries to close its delimiters", /<[\s/\\]*untrusted/iu],
  // Tag characters spell ASCII invisibly; a flag emoji has a few of them, a hidden sentence many.
  [
    "hides text in invisible characters",
    /[\u{E0020}-\u{E007E}]{8,}|(?:[\u200b\u200c\u2060\u2062-\u2064]){8,}/u,
  ],
];

/** How a value looks like an injection, in words; empty when it does not. Takes time in proportion to its length. */
export function injectionSigns(value: string): string[] {
  return SIGNS.flatMap(([what, pattern]) => (pattern.test(value) ? [what] : []));
}
