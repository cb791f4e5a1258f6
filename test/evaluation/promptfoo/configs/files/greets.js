module.exports = (output, context) => ({
  pass: output.startsWith(context.vars.customer),
  score: 1,
  reason: `greets ${context.vars.customer}`,
});
