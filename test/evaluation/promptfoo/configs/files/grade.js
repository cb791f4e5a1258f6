module.exports = (output, context) => ({ pass: output === context.vars.text, score: 1, reason: "the same" });
