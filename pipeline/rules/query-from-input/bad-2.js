async function rows(db, customer) {
  return db.query(`SELECT * FROM orders WHERE customer = '${customer}'`);
}
module.exports = { rows };
