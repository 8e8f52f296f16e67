function apply(formula, row) {
  return new Function("row", `return ${formula}`)(row);
}
module.exports = { apply };
