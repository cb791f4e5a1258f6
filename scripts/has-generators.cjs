// In the place of @stdlib/assert-has-generator-support, which finds it out by `eval`, as no page of ours may.
"use strict";
module.exports = () => true;
